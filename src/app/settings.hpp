#pragma once

#include "base/json_depth.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

// Everything that an operator can set, with its defaults. Unit, allowed range and meaning of each
// field stand in settings_table.cpp, from which the loader, the checks and the documentation are
// made.
namespace gw::app {

using Time = std::chrono::milliseconds;

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;
inline constexpr std::size_t gib = 1024 * mib;

// Where something was configured: "bascule.yaml:12". The same thing elsewhere is no other thing.
struct Place {
    std::string text;

    bool operator==(const Place&) const { return true; }
};

struct Tls {
    std::string certificate;
    std::string key;

    bool operator==(const Tls&) const = default;
};

struct Auth {
    std::string tokens_file;
    bool allow_anonymous = false;

    bool operator==(const Auth&) const = default;
};

enum class SessionMode { required, optional, off };

struct Sessions {
    SessionMode mode = SessionMode::optional;
    Time idle_timeout = std::chrono::minutes(30);
    Time initialize_timeout = std::chrono::seconds(30);
    std::size_t max = 100'000;
    std::size_t max_per_principal = 20'000;

    bool operator==(const Sessions&) const = default;
};

struct Streams {
    Time sse_after{50};
    Time keep_alive = std::chrono::seconds(15);
    Time retry = std::chrono::seconds(1);
    bool json_response = false;
    std::size_t events_max = 1024;
    std::size_t event_bytes_max = 8 * mib;
    Time event_age_max = std::chrono::minutes(5);
    std::size_t buffered_bytes_max = 256 * mib;

    bool operator==(const Streams&) const = default;
};

struct Limits {
    std::size_t head_bytes_max = 32 * kib;
    std::size_t headers_max = 64;
    std::size_t body_bytes_max = 16 * mib;
    std::size_t batch_max = 100;
    std::size_t depth_max = json::depth_usual;
    std::size_t in_flight_max = 10'000;
    std::size_t connections_max = 20'000;
    std::size_t upstream_body_bytes_max = 64 * mib;
    std::size_t page_size = 1000;
    std::size_t calls_per_session_max = 1000;
    std::size_t parks_max = 10'000;
    std::size_t parks_per_principal_max = 16;

    bool operator==(const Limits&) const = default;
};

struct Timeouts {
    Time head = std::chrono::seconds(10);
    Time body = std::chrono::seconds(30);
    Time idle = std::chrono::seconds(75);
    Time write = std::chrono::seconds(30);
    Time call = std::chrono::seconds(120);
    Time call_max{0};  // Zero: 10 times call.
    Time connect = std::chrono::seconds(5);
    Time start = std::chrono::minutes(3);
    Time list = std::chrono::seconds(10);
    Time first_list_wait = std::chrono::seconds(3);
    Time ask = std::chrono::minutes(10);
    Time park = std::chrono::minutes(5);
    Time drain = std::chrono::seconds(20);

    bool operator==(const Timeouts&) const = default;
};

struct Processes {
    std::size_t max = 200;
    std::size_t per_upstream_max = 50;
    std::size_t spares = 1;
    Time idle_timeout = std::chrono::minutes(10);
    std::size_t restarts_max = 5;
    Time restart_window = std::chrono::minutes(1);
    Time kill_after = std::chrono::seconds(2);
    std::vector<std::string> inherit;

    bool operator==(const Processes&) const = default;
};

// What an upstream may ask of a client.
struct Allow {
    bool roots = true;
    bool sampling = true;
    bool elicitation = true;

    bool operator==(const Allow&) const = default;
};

// What an upstream is told that clients can do.
enum class DeclaredCapabilities { exact, all };

enum class UpstreamTransport { automatic, streamable_http, sse };

// Which revisions an upstream speaks: those with sessions, or the stateless ones.
enum class UpstreamEra { automatic, sessions, stateless };

// A server behind the gateway: has either a url or a command.
struct Upstream {
    std::string name;
    Place place;

    std::string url;
    UpstreamTransport transport = UpstreamTransport::automatic;
    UpstreamEra era = UpstreamEra::automatic;
    std::map<std::string, std::string> headers;
    std::string ca_file;

    std::string command;
    std::string program;  // What messages call it, see program_name().
    std::vector<std::string> args;
    std::map<std::string, std::string> env;
    std::string cwd;

    Time timeout{0};                        // Zero: timeouts.call holds.
    std::string name_prefix;                // Empty: the slug of the name.
    std::vector<std::string> tools;         // Empty: all of them.
    std::vector<std::string> hidden_tools;  // "*": all of them.
    Allow allow;
    DeclaredCapabilities capabilities = DeclaredCapabilities::exact;

    bool operator==(const Upstream&) const = default;
};

enum class NameStyle { qualified, plain };

// A choice of upstreams under an address of its own, /servers/ID/mcp.
struct VirtualServer {
    std::string id;
    Place place;

    std::vector<std::string> upstreams;
    std::vector<std::string> tools;  // Empty: all of them; so for the next two.
    std::vector<std::string> prompts;
    std::vector<std::string> resources;
    NameStyle names = NameStyle::qualified;
    std::string instructions;

    bool operator==(const VirtualServer&) const = default;
};

enum class Separator { hyphen, two_hyphens, underscore, dot };

struct Names {
    Separator separator = Separator::hyphen;

    bool operator==(const Names&) const = default;
};

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { json, text };

struct Log {
    LogLevel level = LogLevel::info;
    bool access = true;
    LogFormat format = LogFormat::json;

    bool operator==(const Log&) const = default;
};

struct Status {
    std::string socket = "auto";

    bool operator==(const Status&) const = default;
};

struct Metrics {
    std::string listen = "none";

    bool operator==(const Metrics&) const = default;
};

// How upstreams are reached from here. An empty proxy: directly.
struct Proxy {
    std::string https_proxy;
    std::string http_proxy;
    std::vector<std::string> no_proxy;
    std::string ca_file;

    bool operator==(const Proxy&) const = default;
};

// Where upstreams must not be, whatever their names resolve to. By default the link-local networks
// (RFC 3927, RFC 4291) and the address beside them at which clouds give a machine its credentials.
struct Egress {
    std::vector<std::string> denied_networks{"169.254.0.0/16", "fe80::/10", "fd00:ec2::254"};

    bool operator==(const Egress&) const = default;
};

struct Settings {
    std::string listen = "127.0.0.1:8080";
    std::size_t workers = 0;  // Zero: one for each processor.
    std::vector<std::string> allowed_hosts;
    std::vector<std::string> allowed_origins;
    bool cors = true;
    std::string public_url;
    std::vector<std::string> trusted_proxies;
    bool proxy_protocol = false;
    bool watch = false;
    Tls tls;
    Auth auth;
    Sessions sessions;
    Streams streams;
    Limits limits;
    Timeouts timeouts;
    Processes processes;
    Names names;
    Log log;
    Status status;
    Metrics metrics;
    Proxy proxy;
    Egress egress;
    std::vector<Upstream> upstreams;  // In the order of the file, which lists keep.
    std::vector<VirtualServer> servers;

    bool operator==(const Settings&) const = default;
};

}  // namespace gw::app
