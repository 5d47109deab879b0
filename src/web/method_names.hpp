#pragma once

#include "http/head.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace gw::web {

// Every method that a route can have, and OPTIONS, in the order in which Allow lists them.
constexpr std::array<std::pair<http::Method, std::string_view>, 7> method_names{{
    {http::Method::get, "GET"},
    {http::Method::head, "HEAD"},
    {http::Method::post, "POST"},
    {http::Method::put, "PUT"},
    {http::Method::patch, "PATCH"},
    {http::Method::delete_, "DELETE"},
    {http::Method::options, "OPTIONS"},
}};

}  // namespace gw::web
