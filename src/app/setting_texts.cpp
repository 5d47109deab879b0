#include "app/setting_texts.hpp"

#include "app/grammar.hpp"
#include "web/public_url.hpp"

namespace gw::app {

bool has_no_nul(std::string_view text) {
    return text.find('\0') == std::string_view::npos;
}

bool is_status_socket(std::string_view text) {
    return !text.empty() && has_no_nul(text);
}

bool is_prefix(std::string_view text) {
    return is_name(text) && text.size() <= 32;
}

bool is_public_url_or_none(std::string_view text) {
    return text.empty() || web::parse_public_url(text).has_value();
}

bool is_proxy_or_none(std::string_view text) {
    return text.empty() || is_proxy_url(text);
}

bool is_settable_header(std::string_view text) {
    return is_header_name(text) && !is_own_header(text);
}

}  // namespace gw::app
