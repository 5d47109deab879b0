#pragma once

#include "http/head.hpp"

#include <string_view>

namespace gw::http {

// Whether a Content-Type names the media type `wanted`, whatever its parameters.
bool is_media_type(std::string_view content_type, std::string_view wanted);

// Whether the sender of the request takes `media_type` ("type/subtype"). The most specific range
// of all its Accept headers decides; weights only say yes or no. Without any Accept header
// everything is taken: ask has(Field::accept) where that is not enough.
bool accepts(const Head& head, std::string_view text, std::string_view media_type);

}  // namespace gw::http
