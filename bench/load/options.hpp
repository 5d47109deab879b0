#pragma once

#include "load/upstream.hpp"

#include <cstdint>
#include <string>

namespace bench {

// What mcpload's command line says; its text is in mcpload.cpp.
struct Options {
    int port = 0;
    int upstream_port = 0;
    Upstream::Options upstream;
    std::string go_file;

    int connections = 64;
    double seconds = 3;
    double warm_seconds = 0.5;
    double rate = 0;          // Calls per second, or 0: as fast as answers come.
    std::uint64_t calls = 0;  // Exactly so many, or 0: for `seconds`.

    bool is_modern = false;
    bool opens_session = true;
    bool cycles_sessions = false;  // A "call" is a whole session: initialize, initialized, DELETE.
    std::string path = "/mcp";
    std::string method = "tools/call";
    std::string tool = "t0";
    std::string headers;
    int argument_bytes = 120;
};

// Ends the program with code 2 on an option that it does not know.
Options parse_options(int argc, char** argv);

}  // namespace bench
