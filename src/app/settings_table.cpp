#include "app/settings_table.hpp"

#include "app/grammar.hpp"
#include "app/nearest.hpp"
#include "app/setting_texts.hpp"
#include "net/listen_address.hpp"
#include "net/networks.hpp"
#include "upstream/process/inherited_variables.hpp"
#include "web/trusted_proxies.hpp"

#include <algorithm>
#include <array>

namespace gw::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Each leads along members to a field: of the settings, of an upstream, of a virtual server.
template <auto... Members>
ValuePointer at(Settings& settings, std::size_t) {
    return &(settings.*....*Members);
}

template <auto... Members>
ValuePointer of_upstream(Settings& settings, std::size_t entry) {
    return &(settings.upstreams.at(entry).*....*Members);
}

template <auto... Members>
ValuePointer of_server(Settings& settings, std::size_t entry) {
    return &(settings.servers.at(entry).*....*Members);
}

template <std::size_t N>
using Words = std::array<std::string_view, N>;

constexpr Words<3> session_modes{"required", "optional", "off"};
constexpr Words<3> upstream_transports{"auto", "streamable-http", "sse"};
constexpr Words<3> upstream_eras{"auto", "sessions", "stateless"};
constexpr Words<2> declared_capabilities{"exact", "all"};
constexpr Words<2> name_styles{"qualified", "plain"};
constexpr Words<4> separators{"-", "--", "_", "."};
constexpr Words<4> log_levels{"debug", "info", "warning", "error"};
constexpr Words<2> log_formats{"json", "text"};

constexpr Text a_file{"the name of a file", has_no_nul};
constexpr Text a_proxy{"http://HOST:PORT, or \"\" for none", is_proxy_or_none, true};
constexpr TextList some_names{"names", has_no_nul};

constexpr Time tick{10};
constexpr auto day = hours(24);
constexpr std::size_t million = 1'000'000;

constexpr std::array table = std::to_array<Setting>({
    {"listen",
     Text{"HOST:PORT, [IPv6]:PORT or unix:PATH", is_listen_address},
     "Where clients connect; port 0 lets the system choose one.",
     at<&Settings::listen>},
    {"workers",
     Count{0, 256, "auto"},
     "Event loops, each on a thread of its own; `auto` is one for each processor.",
     at<&Settings::workers>},
    {"allowed_hosts",
     TextList{"host names such as mcp.example.com or mcp.example.com:8443", is_host_port},
     "What the Host header may name beside the loopback names and the listen address.",
     at<&Settings::allowed_hosts>},
    {"allowed_origins",
     TextList{"origins such as https://app.example.com", is_origin},
     "Web sites whose pages may connect, beside those on this machine.",
     at<&Settings::allowed_origins>},
    {"cors",
     Flag{},
     "Whether browsers are told (CORS) that the allowed origins may connect.",
     at<&Settings::cors>},
    {"public_url",
     Text{"https://HOST[:PORT][/PATH], or http://", is_public_url_or_none},
     "Where clients reach the gateway, with what a proxy takes off the path: what others are told.",
     at<&Settings::public_url>},
    {"trusted_proxies",
     TextList{"networks such as 10.0.0.0/8, or unix", web::TrustedProxies::is_one},
     "Proxies whose Forwarded and X-Forwarded-... count; `unix`: who connects over a Unix socket.",
     at<&Settings::trusted_proxies>},
    {"proxy_protocol",
     Flag{},
     "Whether trusted proxies begin each connection with a header of the PROXY protocol (1 or 2).",
     at<&Settings::proxy_protocol>},
    {"watch",
     Flag{},
     "Whether the files that settings and tokens come from are read again when they change.",
     at<&Settings::watch>},

    {"tls.certificate",
     a_file,
     "The certificate chain (PEM) to listen with TLS; read again when it changes.",
     at<&Settings::tls, &Tls::certificate>},
    {"tls.key",
     a_file,
     "The private key (PEM) of the certificate; read again when it changes.",
     at<&Settings::tls, &Tls::key>},

    {"auth.tokens_file",
     a_file,
     "Who may connect: lines NAME:sha256:HEX as `bascule hash-token` prints them.",
     at<&Settings::auth, &Auth::tokens_file>},
    {"auth.allow_anonymous",
     Flag{.only_a_file_makes_true = true},
     "Whether to listen beyond this machine without asking for tokens.",
     at<&Settings::auth, &Auth::allow_anonymous>},

    {"sessions.mode",
     Choice{session_modes},
     "Whether requests need a session; `optional` also serves those without one, each by itself.",
     at<&Settings::sessions, &Sessions::mode>},
    {"sessions.idle_timeout",
     Duration{tick, 7 * day, ""},
     "A session without a request, a stream or a running call for so long ends.",
     at<&Settings::sessions, &Sessions::idle_timeout>},
    {"sessions.initialize_timeout",
     Duration{tick, hours(1), ""},
     "A session whose client does not send `initialized` within this time ends.",
     at<&Settings::sessions, &Sessions::initialize_timeout>},
    {"sessions.max",
     Count{1, 10 * million, ""},
     "Sessions at a time.",
     at<&Settings::sessions, &Sessions::max>},
    {"sessions.max_per_principal",
     Count{1, 10 * million, ""},
     "Sessions at a time of one user, or of one address where nobody needs a token.",
     at<&Settings::sessions, &Sessions::max_per_principal>},

    {"streams.sse_after",
     Duration{Time(0), hours(1), ""},
     "A call that takes longer is answered by an event stream, which can be resumed.",
     at<&Settings::streams, &Streams::sse_after>},
    {"streams.keep_alive",
     Duration{tick, hours(1), ""},
     "A silent event stream gets a comment this often, so that proxies keep it.",
     at<&Settings::streams, &Streams::keep_alive>},
    {"streams.retry",
     Duration{tick, hours(1), ""},
     "How long clients are told to wait before they resume a stream.",
     at<&Settings::streams, &Streams::retry>},
    {"streams.json_response",
     Flag{},
     "Whether calls are always answered by plain JSON, never by an event stream.",
     at<&Settings::streams, &Streams::json_response>},
    {"streams.events_max",
     Count{1, million, ""},
     "Events that a stream keeps for clients that resume it.",
     at<&Settings::streams, &Streams::events_max>},
    {"streams.event_bytes_max",
     Bytes{kib, gib},
     "Bytes of events that a stream keeps.",
     at<&Settings::streams, &Streams::event_bytes_max>},
    {"streams.event_age_max",
     Duration{tick, day, ""},
     "How long a stream keeps an event.",
     at<&Settings::streams, &Streams::event_age_max>},
    {"streams.buffered_bytes_max",
     Bytes{mib, 1024 * gib},
     "Bytes of events, answers and requests that are kept; over it new calls get 503.",
     at<&Settings::streams, &Streams::buffered_bytes_max>},

    {"limits.head_bytes_max",
     Bytes{kib, mib},
     "Size of the head of a request.",
     at<&Settings::limits, &Limits::head_bytes_max>},
    {"limits.headers_max",
     Count{8, 1000, ""},
     "Headers of a request.",
     at<&Settings::limits, &Limits::headers_max>},
    {"limits.body_bytes_max",
     Bytes{kib, gib},
     "Size of the body of a request.",
     at<&Settings::limits, &Limits::body_bytes_max>},
    {"limits.batch_max",
     Count{1, 10'000, ""},
     "Messages in a batch.",
     at<&Settings::limits, &Limits::batch_max>},
    {"limits.depth_max",
     Count{json::depth_quick, json::depth_settable_max, ""},
     "Levels of arrays and objects in a message, and in an entry of a list.",
     at<&Settings::limits, &Limits::depth_max>},
    {"limits.in_flight_max",
     Count{1, million, ""},
     "Requests at a time; over it they get 503.",
     at<&Settings::limits, &Limits::in_flight_max>},
    {"limits.connections_max",
     Count{1, million, ""},
     "Connections at a time; over it new ones wait.",
     at<&Settings::limits, &Limits::connections_max>},
    {"limits.upstream_body_bytes_max",
     Bytes{kib, gib},
     "Size of one message of an upstream.",
     at<&Settings::limits, &Limits::upstream_body_bytes_max>},
    {"limits.page_size",
     Count{1, 100'000, ""},
     "Entries on a page of a list.",
     at<&Settings::limits, &Limits::page_size>},
    {"limits.calls_per_session_max",
     Count{1, 100'000, ""},
     "Running calls of one session; over it they get 429.",
     at<&Settings::limits, &Limits::calls_per_session_max>},
    {"limits.parks_max",
     Count{1, 1'000'000, ""},
     "Calls of stateless clients that wait for their user's answer. At the limit the one that "
     "waits longest is withdrawn.",
     at<&Settings::limits, &Limits::parks_max>},
    {"limits.parks_per_principal_max",
     Count{1, 1'000'000, ""},
     "The same of one principal, or of one address without authentication.",
     at<&Settings::limits, &Limits::parks_per_principal_max>},

    {"timeouts.head",
     Duration{tick, hours(1), ""},
     "A request's head must be complete within this time of its first byte.",
     at<&Settings::timeouts, &Timeouts::head>},
    {"timeouts.body",
     Duration{tick, hours(1), ""},
     "A request's body must be complete within this time of its head.",
     at<&Settings::timeouts, &Timeouts::body>},
    {"timeouts.idle",
     Duration{tick, day, ""},
     "A connection without a request for so long is closed.",
     at<&Settings::timeouts, &Timeouts::idle>},
    {"timeouts.write",
     Duration{tick, hours(1), ""},
     "A client that takes nothing of what is sent for so long is cut off.",
     at<&Settings::timeouts, &Timeouts::write>},
    {"timeouts.call",
     Duration{tick, day, ""},
     "An upstream must answer a call within this time.",
     at<&Settings::timeouts, &Timeouts::call>},
    {"timeouts.call_max",
     Duration{tick, hours(240), "10 * timeouts.call"},
     "Progress gives a call more time, but not more than this in all.",
     at<&Settings::timeouts, &Timeouts::call_max>},
    {"timeouts.connect",
     Duration{tick, hours(1), ""},
     "An upstream must accept a connection within this time.",
     at<&Settings::timeouts, &Timeouts::connect>},
    {"timeouts.start",
     Duration{tick, hours(1), ""},
     "A child process must answer for the first time within this time; then another is started.",
     at<&Settings::timeouts, &Timeouts::start>},
    {"timeouts.list",
     Duration{tick, hours(1), ""},
     "An upstream must list what it has within this time; else its last list holds.",
     at<&Settings::timeouts, &Timeouts::list>},
    {"timeouts.first_list_wait",
     Duration{Time(0), minutes(10), ""},
     "How long initialize, and a client's first list, wait for upstreams that are still starting.",
     at<&Settings::timeouts, &Timeouts::first_list_wait>},
    {"timeouts.ask",
     Duration{tick, day, ""},
     "How long a user may take to answer what an upstream asks during a call.",
     at<&Settings::timeouts, &Timeouts::ask>},
    {"timeouts.park",
     Duration{tick, day, ""},
     "How long a stateless client may take to come back with an answer for a call that waits.",
     at<&Settings::timeouts, &Timeouts::park>},
    {"timeouts.drain",
     Duration{Time(0), hours(1), ""},
     "How long running calls may go on after SIGTERM.",
     at<&Settings::timeouts, &Timeouts::drain>},

    {"processes.max",
     Count{1, 10'000, ""},
     "Child processes at a time; over it one that is idle ends, and if none is calls fail or wait.",
     at<&Settings::processes, &Processes::max>},
    {"processes.per_upstream_max",
     Count{1, 10'000, ""},
     "Child processes of one upstream at a time; over it the same holds.",
     at<&Settings::processes, &Processes::per_upstream_max>},
    {"processes.spares",
     Count{0, 100, ""},
     "Child processes of each upstream with sessions that are started ahead of their sessions.",
     at<&Settings::processes, &Processes::spares>},
    {"processes.idle_timeout",
     Duration{tick, 7 * day, ""},
     "A child process that nobody used for so long is ended.",
     at<&Settings::processes, &Processes::idle_timeout>},
    {"processes.restarts_max",
     Count{0, 1000, ""},
     "How often an upstream's process may fail within the restart window.",
     at<&Settings::processes, &Processes::restarts_max>},
    {"processes.restart_window",
     Duration{tick, day, ""},
     "The time in which failures of an upstream's process are counted.",
     at<&Settings::processes, &Processes::restart_window>},
    {"processes.kill_after",
     Duration{Time(0), minutes(10), ""},
     "How long a child process may take to end by itself before it is killed.",
     at<&Settings::processes, &Processes::kill_after>},
    {"processes.inherit",
     TextList{
         "names of variables, other than BASCULE_... and secrets of gateways such as "
         "JWT_SECRET_KEY",
         upstream::is_inheritable
     },
     "Variables of the gateway's environment that children get beside the usual ones.",
     at<&Settings::processes, &Processes::inherit>},

    {"names.separator",
     Choice{separators},
     "What stands between an upstream's name and a tool's in a qualified name.",
     at<&Settings::names, &Names::separator>},

    {"log.level",
     Choice{log_levels},
     "The least important lines that are still written.",
     at<&Settings::log, &Log::level>},
    {"log.access", Flag{}, "Whether each request is logged.", at<&Settings::log, &Log::access>},
    {"log.format", Choice{log_formats}, "The form of log lines.", at<&Settings::log, &Log::format>},

    {"status.socket",
     Text{"auto, none or the path of a Unix socket", is_status_socket},
     "Where `bascule status` asks; `auto`: in a folder of the gateway's user, `none`: nowhere.",
     at<&Settings::status, &Status::socket>},

    {"metrics.listen",
     Text{"none, HOST:PORT, [IPv6]:PORT or unix:PATH", is_listen_address_or_none},
     "Where Prometheus may read metrics, beside `listen`; a token is needed off loopback.",
     at<&Settings::metrics, &Metrics::listen>},

    {"proxy.https_proxy",
     a_proxy,
     "The proxy to https upstreams; default: the variable HTTPS_PROXY.",
     at<&Settings::proxy, &Proxy::https_proxy>},
    {"proxy.http_proxy",
     a_proxy,
     "The proxy to http upstreams; default: the variable HTTP_PROXY.",
     at<&Settings::proxy, &Proxy::http_proxy>},
    {"proxy.no_proxy",
     some_names,
     "Hosts that are reached without a proxy; default: the variable NO_PROXY.",
     at<&Settings::proxy, &Proxy::no_proxy>},
    {"proxy.ca_file",
     a_file,
     "Certificates (PEM) of authorities to trust beside the system's.",
     at<&Settings::proxy, &Proxy::ca_file>},

    {"egress.denied_networks",
     TextList{"networks such as 169.254.0.0/16 or fe80::/10", net::Networks::is_network},
     "Networks in which no upstream may be, whatever its name resolves to.",
     at<&Settings::egress, &Egress::denied_networks>},

    {"upstreams.NAME.url",
     Text{"an http:// or https:// URL without credentials and fragment", is_http_url},
     "The MCP endpoint of a server that is reached over HTTP.",
     of_upstream<&Upstream::url>},
    {"upstreams.NAME.transport",
     Choice{upstream_transports},
     "How to talk to the URL; `auto` tries Streamable HTTP first, then HTTP with SSE.",
     of_upstream<&Upstream::transport>},
    {"upstreams.NAME.era",
     Choice{upstream_eras},
     "What is spoken with the server: with sessions (up to 2025-11-25), without (2026-07-28), or "
     "`auto`, that of the client where the server speaks both.",
     of_upstream<&Upstream::era>},
    {"upstreams.NAME.headers",
     TextMap{"headers that the gateway does not write itself", is_settable_header, is_header_value},
     "Headers of every request to the URL, such as Authorization.",
     of_upstream<&Upstream::headers>},
    {"upstreams.NAME.ca_file",
     a_file,
     "Certificates (PEM) of authorities to trust for this upstream beside the others.",
     of_upstream<&Upstream::ca_file>},
    {"upstreams.NAME.command",
     Text{"a program", has_no_nul},
     "The program of a server that talks over its standard input and output.",
     of_upstream<&Upstream::command>},
    {"upstreams.NAME.args",
     TextList{"arguments", has_no_nul},
     "Arguments of the program.",
     of_upstream<&Upstream::args>},
    {"upstreams.NAME.env",
     TextMap{"variables", is_variable_name, has_no_nul},
     "Variables of the program, beside PATH, HOME, LANG and TMPDIR.",
     of_upstream<&Upstream::env>},
    {"upstreams.NAME.cwd",
     Text{"a folder", has_no_nul},
     "The folder in which the program starts; default: that of the gateway.",
     of_upstream<&Upstream::cwd>},
    {"upstreams.NAME.timeout",
     Duration{tick, day, "timeouts.call"},
     "This upstream must answer a call within this time.",
     of_upstream<&Upstream::timeout>},
    {"upstreams.NAME.name_prefix",
     Text{"1 to 32 characters of A-Za-z0-9._- that start with a letter or digit", is_prefix},
     "What qualified names begin with; default: the slug of the name.",
     of_upstream<&Upstream::name_prefix>},
    {"upstreams.NAME.tools",
     some_names,
     "The tools that are shown and can be called, by the upstream's names for them; none: all.",
     of_upstream<&Upstream::tools>},
    {"upstreams.NAME.hidden_tools",
     some_names,
     "Tools that are not shown and cannot be called, by the upstream's names; `*`: all.",
     of_upstream<&Upstream::hidden_tools>},
    {"upstreams.NAME.allow.roots",
     Flag{},
     "Whether the upstream may ask clients for their roots.",
     of_upstream<&Upstream::allow, &Allow::roots>},
    {"upstreams.NAME.allow.sampling",
     Flag{},
     "Whether the upstream may ask clients for completions of their model.",
     of_upstream<&Upstream::allow, &Allow::sampling>},
    {"upstreams.NAME.allow.elicitation",
     Flag{},
     "Whether the upstream may ask users for input.",
     of_upstream<&Upstream::allow, &Allow::elicitation>},
    {"upstreams.NAME.capabilities",
     Choice{declared_capabilities},
     "Whether the upstream is told what each client can do, or that all can do all it may ask for.",
     of_upstream<&Upstream::capabilities>},

    {"servers.ID.upstreams",
     TextList{"names of upstreams", is_name},
     "The upstreams that the virtual server shows, in this order.",
     of_server<&VirtualServer::upstreams>},
    {"servers.ID.tools",
     some_names,
     "The tools that it shows, by the names that they have where it shows all; none: all.",
     of_server<&VirtualServer::tools>},
    {"servers.ID.prompts",
     some_names,
     "The prompts that it shows, by the names that they have where it shows all; none: all.",
     of_server<&VirtualServer::prompts>},
    {"servers.ID.resources",
     TextList{"URIs", has_no_nul},
     "The resources that it shows, by their URIs; none: all.",
     of_server<&VirtualServer::resources>},
    {"servers.ID.names",
     Choice{name_styles},
     "Whether names carry their upstream's; `plain` needs exactly one upstream.",
     of_server<&VirtualServer::names>},
    {"servers.ID.instructions",
     Text{"a text", nullptr},
     "What clients are told about the use of this server.",
     of_server<&VirtualServer::instructions>},
});

}  // namespace

std::span<const Setting> settings_table() {
    return table;
}

bool is_of_entry(const Setting& setting) {
    return setting.name.starts_with("upstreams.") || setting.name.starts_with("servers.");
}

const Setting* find_setting(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &Setting::name);
    return found == table.end() ? nullptr : found;
}

bool is_section(std::string_view name) {
    return std::ranges::any_of(table, [&](const Setting& setting) {
        return setting.name.size() > name.size() && setting.name.starts_with(name) &&
               setting.name[name.size()] == '.';
    });
}

std::string_view nearest_setting(std::string_view name) {
    Nearest nearest(name);
    for (const auto& setting : table) {
        auto dot = setting.name.find('.');
        for (; dot != std::string_view::npos; dot = setting.name.find('.', dot + 1)) {
            const auto section = setting.name.substr(0, dot);
            if (!section.ends_with(".NAME") && !section.ends_with(".ID")) nearest.consider(section);
        }
        nearest.consider(setting.name);
    }
    return nearest.best();
}

}  // namespace gw::app
