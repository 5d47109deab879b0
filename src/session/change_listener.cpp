#include "session/change_listener.hpp"

#include <algorithm>
#include <utility>

namespace gw::session {

namespace {

// Resources below subscribed ones have no other bounds.
constexpr std::size_t updated_max = 256;
constexpr std::size_t uri_bytes_max = 8 * 1024;

bool is_below(std::string_view uri, std::string_view subscribed) {
    if (!uri.starts_with(subscribed)) return false;
    return uri.size() == subscribed.size() || subscribed.ends_with('/') ||
           std::string_view("/#?").contains(uri[subscribed.size()]);
}

}  // namespace

bool ChangeListener::covers(std::string_view uri) const {
    return std::ranges::any_of(filter_.uris, [uri](const std::string& each) {
        return is_below(uri, each);
    });
}

void ChangeListener::narrow(std::vector<std::string> uris) {
    filter_.uris = std::move(uris);
    std::erase_if(updated_, [this](const std::string& uri) { return !covers(uri); });
}

void ChangeListener::list_changed(std::size_t which) {
    if (!filter_.lists.at(which)) return;
    changed_lists_.at(which) = true;
    changed_.set();
}

void ChangeListener::updated(std::string_view uri) {
    if (!covers(uri)) return;
    if (updated_.size() >= updated_max || uri.size() > uri_bytes_max) return;
    if (std::ranges::find(updated_, uri) != updated_.end()) return;
    updated_.emplace_back(uri);
    changed_.set();
}

Task<std::optional<ChangeListener::Change>> ChangeListener::next() {
    auto& fiber = co_await this_fiber();
    while (!has_ended_ && !fiber.is_cancelled) {
        for (std::size_t which = 0; which < changed_lists_.size(); ++which) {
            if (!std::exchange(changed_lists_.at(which), false)) continue;
            co_return Change{.method = list_changes.at(which), .uri = {}};
        }
        if (!updated_.empty()) {
            auto uri = std::move(updated_.front());
            updated_.erase(updated_.begin());
            co_return Change{.method = resource_updated, .uri = std::move(uri)};
        }
        co_await changed_.wait();
    }
    co_return std::nullopt;
}

void ChangeListener::end() {
    has_ended_ = true;
    changed_.set();
}

}  // namespace gw::session
