#pragma once

#include "base/json_depth.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::upstream {

using Time = std::chrono::milliseconds;

// How messages reach a server; automatic: Streamable HTTP, else the older HTTP+SSE.
enum class Transport { automatic, streamable_http, sse, stdio };

// Revisions with sessions, which begin with initialize; or without.
enum class Era : std::uint8_t { sessions, stateless };

// How one upstream server is reached.
struct Config {
    std::string name;          // Its key in the configuration.
    std::uint32_t number = 0;  // Under which it is counted (auth::UpstreamNumber).
    Transport transport = Transport::automatic;
    std::optional<Era> era;  // What it speaks; none: it is asked.

    // HTTP.
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string ca_file;

    // stdio.
    std::string command;
    std::string program;  // What messages call it, since the command may hold secrets; or empty.
    std::vector<std::string> args;
    std::map<std::string, std::string> env;
    std::string cwd;

    Time call_timeout = std::chrono::seconds(120);
    Time call_max = std::chrono::seconds(1200);  // Of a call that tells of its progress.

    // What it may ask of clients; what it may not is not declared to it.
    bool may_use_roots = true;
    bool may_use_sampling = true;
    bool may_use_elicitation = true;

    // It is told that every client can do all that it may ask for. A call in which it asks for what
    // the client cannot do fails then; otherwise the server would have done without.
    bool declares_all = false;
};

// Who holds one has the server of it, and all that its links need.
using ConfigHandle = std::shared_ptr<const Config>;

// Calls of stateless clients that have an upstream session to themselves, at one server.
struct CallsAlone {
    std::size_t of_one_owner = 64;
    std::size_t waiting_of_one_owner = 256;
    std::size_t in_all = 1024;
};

// What holds for all of them.
struct Limits {
    std::size_t body_bytes_max = std::size_t{64} << 20U;
    int depth_max = json::depth_usual;  // Of a message, and of an entry of a list.
    Time connect_timeout = std::chrono::seconds(5);
    Time list_timeout = std::chrono::seconds(10);
    Time start_timeout = std::chrono::minutes(3);  // Of a child, until it has answered.
    Time era_silence_max = std::chrono::seconds(5);
    CallsAlone calls_alone;
    std::size_t processes_max = 200;
    std::size_t processes_per_upstream_max = 50;
    std::size_t process_spares = 1;  // Of each server, started ahead.
    Time process_idle_timeout = std::chrono::minutes(10);
    std::size_t process_restarts_max = 5;
    Time process_restart_window = std::chrono::minutes(1);
    Time process_kill_after = std::chrono::seconds(2);
};

}  // namespace gw::upstream
