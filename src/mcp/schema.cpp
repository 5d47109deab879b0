#include "mcp/schema.hpp"

#include "base/json.hpp"
#include "mcp/impl/checked_text.hpp"
#include "mcp/impl/members.hpp"
#include "mcp/impl/schema_keywords.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace gw::mcp {

namespace {

// What a schema is written again without and with.
struct Edits {
    std::string_view dropped;  // A keyword that goes.
    std::string_view base;     // Where the root of the schema has moved; empty: nowhere.
};

std::string_view value_of(std::string_view schema, std::string_view keyword) {
    std::string_view value;
    impl::for_each_member(schema, [&](const impl::Member& member) {
        if (member.name == keyword) value = member.value;
    });
    return value;
}

// "#" and "#/..." are places in the schema; "#name" is an anchor, which moves with it.
std::string rebased(std::string_view reference, std::string_view base) {
    if (!reference.starts_with('"')) return std::string(reference);
    const auto text = json::unquoted(reference);
    if (text != "#" && !text.starts_with("#/")) return std::string(reference);
    return json::quoted("#" + std::string(base) + text.substr(1));
}

// JSON Schema 2020-12, core, 8.2.1: references below an $id are relative to it. In draft 7 and
// before one that is only a fragment was an anchor.
bool is_own_root(std::string_view id) {
    return id.starts_with('"') && !json::unquoted(id).starts_with('#');
}

// Where the objects begin that are roots of their own.
class Roots {
public:
    explicit Roots(std::string_view schema) : text_(schema) {
        value();
        std::ranges::sort(begins_);
    }

    bool has(std::size_t begin) const { return std::ranges::binary_search(begins_, begin); }

private:
    void value() {
        const char first = text_.peek();
        if (first == '[') return text_.elements([this] { value(); });
        if (first != '{') {
            text_.value();
            return;
        }
        const auto begin = text_.position();
        bool is_root = false;
        text_.members([&](std::string_view name) {
            if (text_.peek() != '"') return value();
            const auto text = text_.value();
            if (json::spells(name, "$id")) is_root = is_own_root(text);
        });
        if (is_root) begins_.push_back(begin);
    }

    impl::CheckedText text_;
    std::vector<std::size_t> begins_;
};

// Writes a schema again, in one pass. JSON that was checked is not deep, which bounds the
// recursion.
class Rewriter {
public:
    Rewriter(std::string_view schema, const Edits& edits)
        : text_(schema),
          dropped_(edits.dropped),
          base_(edits.base),
          roots_(base_.empty() ? std::string_view("null") : schema) {
        out_.reserve(schema.size());
    }

    std::string run() && {
        schema(!base_.empty());
        return std::move(out_);
    }

private:
    // `is_moved`: references in it lead to the root that has moved.
    void schema(bool is_moved) {
        const char first = text_.peek();
        if (first == '[') return elements(is_moved);
        if (first != '{') {
            out_ += text_.value();
            return;
        }
        const bool is_still_moved = is_moved && !roots_.has(text_.position());
        members([&](std::string_view quoted) {
            const auto name = json::unquoted(quoted);
            if (!dropped_.empty() && name == dropped_) {
                text_.value();
            } else {
                put_name(quoted);
                value_of(name, is_still_moved);
            }
        });
    }

    void value_of(std::string_view name, bool is_moved) {
        const bool is_reference = name == "$ref" || name == "$dynamicRef";
        if (impl::is_data_keyword(name)) {
            out_ += text_.value();
        } else if (impl::is_map_keyword(name)) {
            map(is_moved);
        } else if (is_reference && is_moved) {
            out_ += rebased(text_.value(), base_);
        } else {
            schema(is_moved);
        }
    }

    void map(bool is_moved) {
        if (text_.peek() != '{') {
            out_ += text_.value();
            return;
        }
        members([&](std::string_view quoted) {
            put_name(quoted);
            schema(is_moved);
        });
    }

    void elements(bool is_moved) {
        out_ += '[';
        bool is_first = true;
        text_.elements([&] {
            if (!std::exchange(is_first, false)) out_ += ',';
            schema(is_moved);
        });
        out_ += ']';
    }

    template <typename Visit>
    void members(Visit visit) {
        out_ += '{';
        text_.members(visit);
        out_ += '}';
    }

    // A member that begins an object comes behind its brace.
    void put_name(std::string_view quoted) {
        if (out_.back() != '{') out_ += ',';
        out_.append(quoted).append(1, ':');
    }

    impl::CheckedText text_;
    std::string_view dropped_;
    std::string_view base_;
    Roots roots_;
    std::string out_;
};

std::string edited(std::string_view schema, const Edits& edits) {
    return Rewriter(schema, edits).run();
}

}  // namespace

bool is_object_schema(std::string_view schema) {
    const auto type = value_of(schema, "type");
    return type.starts_with('"') && json::spells(type, "object");
}

std::string wrapped_schema(std::string_view schema) {
    impl::ObjectText text(schema.size() + 100);
    Edits edits{.dropped = {}, .base = "/properties/result"};
    // The dialect is said at a root, and the root is ours now.
    const auto dialect = value_of(schema, "$schema");
    if (!dialect.empty() && !is_own_root(value_of(schema, "$id"))) {
        text.add(R"("$schema")", dialect);
        edits.dropped = "$schema";
    }
    impl::ObjectText properties;
    properties.add(R"("result")", edited(schema, edits));
    text.add(R"("type")", R"("object")");
    text.add(R"("properties")", std::move(properties).str());
    text.add(R"("required")", R"(["result"])");
    return std::move(text).str();
}

std::string without_mirror_rules(std::string_view tool) {
    impl::ObjectText text(tool.size());
    impl::for_each_member(tool, [&](const impl::Member& member) {
        const bool is_schema = member.name == "inputSchema";
        text.add(
            member.quoted,
            is_schema ? edited(member.value, {.dropped = "x-mcp-header", .base = {}})
                      : std::string(member.value)
        );
    });
    return std::move(text).str();
}

}  // namespace gw::mcp
