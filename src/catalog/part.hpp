#pragma once

#include "auth/permit.hpp"
#include "base/text_hash.hpp"
#include "catalog/source.hpp"
#include "catalog/uri_template.hpp"
#include "mcp/mirrored.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gw::catalog {

// Something a client can name: where it is, and what it is called there.
struct Entry {
    std::string name;
    std::string quoted_original;  // The upstream's name for it, as a JSON string.
    auth::UpstreamNumber upstream = 0;
    std::vector<mcp::MirrorRule> mirror_rules = {};  // Of a tool: arguments that go as headers.
    bool needs_task = false;                         // Of a tool: see mcp::Request.
    bool has_wrapped_output = false;                 // Of a tool: see Form::object_output_schema.

    auth::Object as_object() const { return {.name = name, .upstream = upstream}; }
};

// How tools and prompts are called.
struct Naming {
    bool is_plain = false;  // As the upstream server has them.
    std::string separator = "-";

    bool operator==(const Naming&) const = default;
};

class Part;

// One thing that a server lists, with the name that it has as long as no other server's thing has
// the same.
struct Member {
    Entry entry;
    const Part* part = nullptr;  // Whose it is.
    const Item* item = nullptr;
    std::string changed;          // What is listed in place of item->bytes; empty: these.
    std::uint32_t name_at = 0;    // Where the value of "name" stands in the bytes.
    std::uint32_t name_size = 0;  // 0: the name stays as it is there.
    bool is_final = true;         // It keeps its name whatever others are called.
    std::size_t name_hash = 0;    // TextHash of entry.name.
    std::uint64_t digest = 0;     // Of name and bytes.
};

// All that one server lists, as views with one naming show it. Immutable, and shared by all such
// views, old and new: what it costs to take a list apart is paid once for each list.
class Part {
public:
    // In time proportional to the size of the listing.
    Part(const Source& source, Naming naming);

    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    // Whether the same would be made of these.
    bool is_of(const Source& source, const Naming& naming) const;

    const std::vector<Member>& of(Kind kind) const { return members_[static_cast<size_t>(kind)]; }

    // Differs when names, bytes or order of the members do; 0 without members.
    std::uint64_t digest(Kind kind) const { return digests_[static_cast<std::size_t>(kind)]; }

    // No other part of this process has it, or ever had.
    std::uint64_t serial() const { return serial_; }

    // One for each member of Kind::templates, in their order.
    const std::vector<UriTemplate>& templates() const { return templates_; }

    // Whether it has a resource or template that begins so: "scheme:" or "scheme://authority".
    bool has_uris_of(std::string_view prefix) const { return prefixes_.contains(prefix); }

    // Whether one of its tools names this resource of scheme "ui", a JSON string.
    bool has_app_resource(std::string_view quoted_uri) const {
        return app_resources_.contains(quoted_uri);
    }

    // What an operator should know: tools with an invalid x-mcp-header.
    const std::vector<std::string>& problems() const { return problems_; }

private:
    using Texts = std::unordered_set<std::string, TextHash, std::equal_to<>>;

    void add(Kind kind, const Item& item, const Source& source);
    bool take_rules(Member& member, const Source& source);
    void give_name(Member& member, const Source& source);

    ListingHandle listing_;
    std::string prefix_;
    ToolChoice tools_;
    Naming naming_;
    std::uint64_t serial_;
    std::array<std::vector<Member>, kind_count> members_;
    std::array<std::uint64_t, kind_count> digests_{};
    std::vector<UriTemplate> templates_;
    Texts prefixes_;
    Texts app_resources_;
    std::vector<std::string> problems_;
};

using PartHandle = std::shared_ptr<const Part>;

// Makes parts, each once, as long as some view has it. For one thread.
class PartMaker {
public:
    // `is_new` is set when nobody has it yet.
    PartHandle make(const Source& source, const Naming& naming, bool& is_new);

    // Servers that some part is known of, or was a while ago: at most twice as many, and 64.
    std::size_t size() const { return known_.size(); }

private:
    void forget_gone();

    std::size_t sweep_at_ = 64;
    std::unordered_map<auth::UpstreamNumber, std::vector<std::weak_ptr<const Part>>> known_;
};

}  // namespace gw::catalog
