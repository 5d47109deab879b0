#include "catalog/pages.hpp"

#include <cstring>
#include <utility>

namespace gw::catalog {

std::size_t Pages::Hash::operator()(const Key& key) const noexcept {
    std::uint64_t visible = 0;
    std::memcpy(&visible, key.visible.data(), sizeof visible);
    auto value = (key.view ^ visible) * 0x9E3779B97F4A7C15;
    value ^= (std::uint64_t{key.begin} << 8U) | (static_cast<unsigned>(key.kind) << 4U) |
             static_cast<unsigned>(key.form);
    return value * 0x9E3779B97F4A7C15 >> 7U;
}

Result<std::shared_ptr<const std::string>> Pages::get(
    const VisibleView& view, Kind kind, Form form, std::string_view cursor
) {
    GW_TRY(const auto begin, view.begin_of(kind, cursor));
    // Only tools have an output schema.
    if (kind != Kind::tools && form == Form::without_output_schema) {
        form = Form::object_output_schema;
    }
    const Key key{view.serial(), view.digest(), kind, form, begin};
    if (const auto found = found_.find(key); found != found_.end()) {
        pages_.splice(pages_.begin(), pages_, found->second);
        return pages_.front().text;
    }
    auto text = std::make_shared<const std::string>(view.page(kind, form, begin));
    bytes_ += text->size();
    pages_.push_front({key, text});
    found_.emplace(key, pages_.begin());
    make_room();
    return text;
}

void Pages::make_room() {
    while (bytes_ > bytes_max_ && !pages_.empty()) {
        bytes_ -= pages_.back().text->size();
        found_.erase(pages_.back().key);
        pages_.pop_back();
    }
}

}  // namespace gw::catalog
