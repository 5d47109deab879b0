#pragma once

#include "base/error.hpp"
#include "catalog/visible_view.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gw::catalog {

// The pages of lists that somebody asked for: each is made once for all who see the same, and kept
// until others that were asked for later fill `bytes_max`. For one thread; pages may be read by
// others.
class Pages {
public:
    static constexpr std::size_t bytes_usual = std::size_t{16} * 1024 * 1024;

    explicit Pages(std::size_t bytes_max = bytes_usual) : bytes_max_(bytes_max) {}

    // VisibleView::page() for a cursor. Errc::invalid_params when the cursor is none of this list.
    Result<std::shared_ptr<const std::string>> get(
        const VisibleView& view, Kind kind, Form form, std::string_view cursor
    );

    // What is kept.
    std::size_t bytes() const { return bytes_; }

private:
    struct Key {
        std::uint64_t view = 0;        // VisibleView::serial().
        VisibleSet::Digest visible{};  // VisibleView::digest().
        Kind kind = Kind::tools;
        Form form = Form::stateless;
        std::uint32_t begin = 0;

        bool operator==(const Key&) const = default;
    };

    struct Hash {
        std::size_t operator()(const Key& key) const noexcept;
    };

    struct Page {
        Key key;
        std::shared_ptr<const std::string> text;
    };

    void make_room();

    const std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::list<Page> pages_;  // What was asked for last comes first.
    std::unordered_map<Key, std::list<Page>::iterator, Hash> found_;
};

}  // namespace gw::catalog
