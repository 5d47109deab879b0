#include "load/options.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string_view>

namespace bench {

Options parse_options(int argc, char** argv) {
    Options options;
    int at = 1;
    const auto value = [&]() -> char* {
        if (at + 1 < argc) return argv[++at];
        fprintf(stderr, "%s wants a value\n", argv[at]);
        exit(2);
    };
    const std::map<std::string_view, std::function<void()>> known = {
        {"--port", [&] { options.port = atoi(value()); }},
        {"--upstream", [&] { options.upstream_port = atoi(value()); }},
        {"--go", [&] { options.go_file = value(); }},
        {"--conns", [&] { options.connections = atoi(value()); }},
        {"--secs", [&] { options.seconds = atof(value()); }},
        {"--warm", [&] { options.warm_seconds = atof(value()); }},
        {"--rate", [&] { options.rate = atof(value()); }},
        {"--calls",
         [&] {
             options.calls = strtoull(value(), nullptr, 10);
             options.warm_seconds = 0;
         }},
        {"--era",
         [&] {
             options.is_modern = options.upstream.is_modern = std::string_view(value()) == "modern";
         }},
        {"--upstream-era",
         [&] { options.upstream.is_modern = std::string_view(value()) == "modern"; }},
        {"--no-session", [&] { options.opens_session = false; }},
        {"--sessions", [&] { options.cycles_sessions = true; }},
        {"--path", [&] { options.path = value(); }},
        {"--method", [&] { options.method = value(); }},
        {"--tool", [&] { options.tool = value(); }},
        {"--header", [&] { options.headers += std::string(value()) + "\r\n"; }},
        {"--args", [&] { options.argument_bytes = atoi(value()); }},
        {"--result", [&] { options.upstream.result_bytes = atoi(value()); }},
        {"--tools", [&] { options.upstream.tools = atoi(value()); }},
        {"--upstream-sse", [&] { options.upstream.answers_by_stream = true; }},
    };
    for (; at < argc; ++at) {
        const auto found = known.find(argv[at]);
        if (found == known.end()) {
            fprintf(stderr, "unknown option %s\n", argv[at]);
            exit(2);
        }
        found->second();
    }
    return options;
}

}  // namespace bench
