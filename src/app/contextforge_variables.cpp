#include "app/contextforge_variables.hpp"

#include "app/grammar.hpp"
#include "app/quantities.hpp"
#include "base/ascii.hpp"
#include "net/listen_address.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace gw::app {
namespace {

using Converted = std::optional<std::string>;

// A number such as 30, 30.0 or 0.5; the setting's range is checked later.
Converted time_in(std::string_view text, double unit_ms) {
    constexpr double most = 1e12;
    double value = 0;
    const auto* begin = text.data();
    const auto* end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value, std::chars_format::fixed);
    if (error != std::errc() || stop != end || !(value >= 0 && value <= most)) return std::nullopt;
    return time_text(Time(std::llround(value * unit_ms)));
}

Converted listen_at(std::string_view host, std::uint16_t port) {
    auto text = net::to_authority(host, port);
    const auto address = net::parse_listen_address(text);
    return address && address->host == host ? Converted(std::move(text)) : std::nullopt;
}

// The other half of `listen` stays.
Converted with_host(std::string_view host, const Settings& settings) {
    const auto now = net::parse_listen_address(settings.listen);
    return listen_at(host, now ? now->port : 0);
}

Converted with_port(std::string_view text, const Settings& settings) {
    const auto port = parse_count(text);
    const auto now = net::parse_listen_address(settings.listen);
    if (!port || *port < 1 || *port > 65'535 || !now) return std::nullopt;
    return listen_at(now->host, static_cast<std::uint16_t>(*port));
}

Converted to_mode(std::string_view text, const Settings&) {
    const auto is_stateful = parse_flag(text);
    if (!is_stateful) return std::nullopt;
    return *is_stateful ? "optional" : "off";
}

Converted to_level(std::string_view text, const Settings&) {
    auto level = to_lower(text);
    return level == "critical" ? "error" : level;
}

constexpr Conversion as_it_is{};
constexpr Conversion seconds{"a number of seconds", [](std::string_view text, const Settings&) {
                                 return time_in(text, 1000);
                             }};
constexpr Conversion milliseconds{
    "a number of milliseconds",
    [](std::string_view text, const Settings&) { return time_in(text, 1); }
};
constexpr Conversion a_host{"a host, whose port is PORT or that of listen", with_host};
constexpr Conversion a_port{"a port from 1 to 65535, of HOST or the host of listen", with_port};
constexpr Conversion a_mode{"true, which is optional, or false, which is off", to_mode};
constexpr Conversion a_level{"DEBUG, INFO, WARNING, ERROR or CRITICAL, which is error", to_level};

constexpr auto its_own = Naming::its_own;
constexpr auto common = Naming::common;

// clang-format off: one row a line.
constexpr std::array table = std::to_array<ContextForgeVariable>({
    // What means the same here, in the order of our settings.
    {"HOST", common, "listen", &a_host},
    {"PORT", common, "listen", &a_port},
    {"ALLOWED_ORIGINS", common, "allowed_origins", &as_it_is},
    {"USE_STATEFUL_SESSIONS", its_own, "sessions.mode", &a_mode},
    {"SSE_KEEPALIVE_INTERVAL", common, "streams.keep_alive", &seconds},
    {"SSE_RETRY_TIMEOUT", common, "streams.retry", &milliseconds},
    {"JSON_RESPONSE_ENABLED", its_own, "streams.json_response", &as_it_is},
    {"STREAMABLE_HTTP_MAX_EVENTS_PER_STREAM", its_own, "streams.events_max", &as_it_is},
    {"STREAMABLE_HTTP_EVENT_TTL", its_own, "streams.event_age_max", &seconds},
    {"MAX_HEADER_COUNT", common, "limits.headers_max", &as_it_is},
    {"TOOL_TIMEOUT", common, "timeouts.call", &seconds},
    {"HTTPX_CONNECT_TIMEOUT", common, "timeouts.connect", &seconds},
    {"GATEWAY_TOOL_NAME_SEPARATOR", its_own, "names.separator", &as_it_is},
    {"LOG_LEVEL", common, "log.level", &a_level},
    {"LOG_FORMAT", common, "log.format", &as_it_is},
    {"SSRF_BLOCKED_NETWORKS", common, "egress.denied_networks", &as_it_is},
    // The rest, with the setting that is nearest to it.
    {"ACCOUNT_LOCKOUT_DURATION_MINUTES", common},
    {"ALLOWED_MIME_TYPES", common},
    {"ALLOW_PUBLIC_VISIBILITY", common},
    {"ALLOW_UNAUTHENTICATED_ADMIN", common},
    {"API_ALLOW_BASIC_AUTH", common},
    {"APP_DOMAIN", common, "public_url"},
    {"APP_NAME", common},
    {"APP_ROOT_PATH", common, "public_url"},
    {"ARGON2ID_MEMORY_COST", common},
    {"ARGON2ID_PARALLELISM", common},
    {"ARGON2ID_TIME_COST", common},
    {"AUDIT_TRAIL_ENABLED", common},
    {"AUTH_CACHE_BATCH_QUERIES", its_own},
    {"AUTH_CACHE_ENABLED", common},
    {"AUTH_CACHE_REVOCATION_TTL", common},
    {"AUTH_CACHE_ROLE_TTL", common},
    {"AUTH_CACHE_TEAMS_TTL", common},
    {"AUTH_CACHE_TEAM_TTL", common},
    {"AUTH_CACHE_USER_TTL", common},
    {"AUTH_ENCRYPTION_SECRET", common},
    {"AUTH_REQUIRED", common, "auth.tokens_file"},
    {"AUTO_CREATE_PERSONAL_TEAMS", common},
    {"AUTO_REFRESH_SERVERS", common},
    {"BACKOFF_FACTOR", common},
    {"BASIC_AUTH_PASSWORD", common},
    {"BASIC_AUTH_USER", common},
    {"CACHE_PREFIX", common},
    {"CACHE_TYPE", common},
    {"COMPRESSION_BROTLI_QUALITY", common},
    {"COMPRESSION_ENABLED", common},
    {"COMPRESSION_GZIP_LEVEL", common},
    {"COMPRESSION_MINIMUM_SIZE", common},
    {"COMPRESSION_ZSTD_LEVEL", common},
    {"CONTENT_MAX_PROMPT_SIZE", common},
    {"CONTENT_MAX_RESOURCE_SIZE", common},
    {"CONTENT_STRICT_MIME_VALIDATION", common},
    {"COOKIE_SAMESITE", common},
    {"CORRELATION_ID_ENABLED", common},
    {"CORRELATION_ID_HEADER", common},
    {"CORS_ALLOW_CREDENTIALS", common},
    {"CORS_ENABLED", common, "cors"},
    {"CSRF_SECRET_KEY", common},
    {"DATABASE_URL", common},
    {"DB_MAX_OVERFLOW", common},
    {"DB_METRICS_RECORDING_ENABLED", common},
    {"DB_POOL_CLASS", common},
    {"DB_POOL_RECYCLE", common},
    {"DB_POOL_SIZE", common},
    {"DB_POOL_TIMEOUT", common},
    {"DB_PREPARE_THRESHOLD", common},
    {"DCR_AUTO_REGISTER_ON_MISSING_CREDENTIALS", its_own},
    {"DCR_ENABLED", common},
    {"DCR_METADATA_CACHE_TTL", common},
    {"DEFAULT_ADMIN_ROLE", common},
    {"DEFAULT_PASSTHROUGH_HEADERS", common},
    {"DEFAULT_TEAM_MEMBER_ROLE", common},
    {"DEFAULT_TEAM_OWNER_ROLE", common},
    {"DEFAULT_USER_PASSWORD", common},
    {"DEFAULT_USER_ROLE", common},
    {"DOCS_ALLOW_BASIC_AUTH", common},
    {"ED25519_PRIVATE_KEY", common},
    {"EMAIL_AUTH_ENABLED", common},
    {"EMBED_ENVIRONMENT_IN_TOKENS", common},
    {"ENABLE_ED25519_SIGNING", common},
    {"ENABLE_HEADER_PASSTHROUGH", common},
    {"ENABLE_METRICS", common},
    {"ENABLE_OVERWRITE_BASE_HEADERS", common},
    {"ENVIRONMENT", common},
    {"EXPERIMENTAL_RUST_MCP_AFFINITY_CORE_ENABLED", its_own},
    {"EXPERIMENTAL_RUST_MCP_EVENT_STORE_ENABLED", its_own},
    {"EXPERIMENTAL_RUST_MCP_LIVE_STREAM_CORE_ENABLED", its_own},
    {"EXPERIMENTAL_RUST_MCP_RESUME_CORE_ENABLED", its_own},
    {"EXPERIMENTAL_RUST_MCP_RUNTIME_ENABLED", its_own},
    {"EXPERIMENTAL_RUST_MCP_RUNTIME_TIMEOUT_SECONDS", its_own},
    {"EXPERIMENTAL_RUST_MCP_RUNTIME_UDS", its_own},
    {"EXPERIMENTAL_RUST_MCP_RUNTIME_URL", its_own},
    {"EXPERIMENTAL_RUST_MCP_SESSION_AUTH_REUSE_ENABLED", its_own},
    {"EXPERIMENTAL_RUST_MCP_SESSION_CORE_ENABLED", its_own},
    {"EXPERIMENTAL_VALIDATE_IO", common},
    {"FEDERATION_TIMEOUT", common, "timeouts.call"},
    {"GATEWAY_AUTO_REFRESH_INTERVAL", its_own},
    {"GATEWAY_HEALTH_CHECK_TIMEOUT", common},
    {"GATEWAY_VALIDATION_TIMEOUT", common},
    {"GLOBAL_CONFIG_CACHE_TTL", common},
    {"HEALTH_CHECK_INTERVAL", common},
    {"HEALTH_CHECK_TIMEOUT", common},
    {"HOT_COLD_CLASSIFICATION_ENABLED", its_own},
    {"HSTS_ENABLED", common},
    {"HSTS_MAX_AGE", common},
    {"HTTPX_HTTP2_ENABLED", common},
    {"HTTPX_KEEPALIVE_EXPIRY", common},
    {"HTTPX_MAX_CONNECTIONS", common},
    {"HTTPX_MAX_KEEPALIVE_CONNECTIONS", common},
    {"HTTPX_POOL_TIMEOUT", common},
    {"HTTPX_READ_TIMEOUT", common, "timeouts.call"},
    {"HTTPX_WRITE_TIMEOUT", common},
    {"IDENTITY_CLAIMS_SECRET", common},
    {"INSECURE_ALLOW_QUERYPARAM_AUTH", its_own},
    {"JSON_SCHEMA_VALIDATION_STRICT", common},
    {"JWT_ALGORITHM", common, "auth.tokens_file"},
    {"JWT_AUDIENCE", common},
    {"JWT_AUDIENCE_VERIFICATION", common},
    {"JWT_ISSUER", common},
    {"JWT_ISSUER_VERIFICATION", common},
    {"JWT_PRIVATE_KEY_PATH", common},
    {"JWT_PUBLIC_KEY_PATH", common, "auth.tokens_file"},
    {"JWT_SECRET_KEY", common, "auth.tokens_file"},
    {"LANGFUSE_OTEL_AUTH", common},
    {"LANGFUSE_SECRET_KEY", common},
    {"LLMCHAT_ENABLED", common},
    {"LLM_API_PREFIX", common},
    {"LOG_REQUESTS", common, "log.access"},
    {"MAX_CONCURRENT_HEALTH_CHECKS", common},
    {"MAX_FAILED_LOGIN_ATTEMPTS", common},
    {"MAX_INTERVAL", common},
    {"MAX_MEMBERS_PER_TEAM", common},
    {"MAX_RESOURCE_SIZE", common},
    {"MAX_TEAMS_PER_USER", common},
    {"MAX_TOOL_RETRIES", common},
    {"MCPGATEWAY_A2A_DEFAULT_TIMEOUT", its_own},
    {"MCPGATEWAY_A2A_ENABLED", its_own},
    {"MCPGATEWAY_A2A_MAX_RETRIES", its_own},
    {"MCPGATEWAY_ADMIN_API_ENABLED", its_own},
    {"MCPGATEWAY_BULK_IMPORT_MAX_TOOLS", its_own},
    {"MCPGATEWAY_CATALOG_ENABLED", its_own},
    {"MCPGATEWAY_DIRECT_PROXY_ENABLED", its_own},
    {"MCPGATEWAY_DIRECT_PROXY_TIMEOUT", its_own},
    {"MCPGATEWAY_ELICITATION_ENABLED", its_own, "upstreams.NAME.allow.elicitation"},
    {"MCPGATEWAY_ELICITATION_MAX_CONCURRENT", its_own},
    {"MCPGATEWAY_ELICITATION_TIMEOUT", its_own, "timeouts.ask"},
    {"MCPGATEWAY_GRPC_ENABLED", its_own},
    {"MCPGATEWAY_POOL_RPC_FORWARD_TIMEOUT", its_own},
    {"MCPGATEWAY_REVERSE_PROXY_ENABLED", its_own},
    {"MCPGATEWAY_SESSION_AFFINITY_ENABLED", its_own},
    {"MCPGATEWAY_SESSION_AFFINITY_MAX_SESSIONS", its_own},
    {"MCPGATEWAY_SESSION_AFFINITY_TTL", its_own},
    {"MCPGATEWAY_STDIO_TRANSPORT_ENABLED", its_own},
    {"MCPGATEWAY_TOOL_CANCELLATION_ENABLED", its_own},
    {"MCPGATEWAY_UI_ENABLED", its_own},
    {"MCPGATEWAY_WS_RELAY_ENABLED", its_own},
    {"MCP_CLIENT_AUTH_ENABLED", its_own, "auth.tokens_file"},
    {"MCP_REQUIRE_AUTH", its_own, "auth.tokens_file"},
    {"MCP_SESSION_POOL_ACQUIRE_TIMEOUT", its_own},
    {"MCP_SESSION_POOL_CIRCUIT_BREAKER_RESET", its_own},
    {"MCP_SESSION_POOL_CIRCUIT_BREAKER_THRESHOLD", its_own},
    {"MCP_SESSION_POOL_CLEANUP_TIMEOUT", its_own},
    {"MCP_SESSION_POOL_CREATE_TIMEOUT", its_own},
    {"MCP_SESSION_POOL_ENABLED", its_own},
    {"MCP_SESSION_POOL_HEALTH_CHECK_INTERVAL", its_own},
    {"MCP_SESSION_POOL_HEALTH_CHECK_METHODS", its_own},
    {"MCP_SESSION_POOL_HEALTH_CHECK_TIMEOUT", its_own},
    {"MCP_SESSION_POOL_IDENTITY_HEADERS", its_own},
    {"MCP_SESSION_POOL_IDLE_EVICTION", its_own},
    {"MCP_SESSION_POOL_MAX_PER_KEY", its_own},
    {"MCP_SESSION_POOL_TRANSPORT_TIMEOUT", its_own},
    {"MCP_SESSION_POOL_TTL", its_own},
    {"MESSAGE_TTL", common},
    {"METRICS_BUFFER_FLUSH_INTERVAL", common},
    {"METRICS_BUFFER_MAX_SIZE", common},
    {"METRICS_NAMESPACE", common},
    {"METRICS_RETENTION_DAYS", common},
    {"METRICS_ROLLUP_ENABLED", common},
    {"METRICS_ROLLUP_RETENTION_DAYS", common},
    {"OAUTH_DISCOVERY_ENABLED", common},
    {"OAUTH_MAX_RETRIES", common},
    {"OAUTH_REQUEST_TIMEOUT", common},
    {"OBSERVABILITY_ENABLED", common},
    {"OBSERVABILITY_SAMPLE_RATE", common},
    {"OTEL_ENABLE_OBSERVABILITY", common},
    {"OTEL_EXPORTER_JAEGER_PASSWORD", common},
    {"OTEL_MAX_TRACE_PAYLOAD_SIZE", common},
    {"OTEL_SERVICE_NAME", common},
    {"OTEL_TRACES_EXPORTER", common},
    {"PAGINATION_DEFAULT_PAGE_SIZE", common, "limits.page_size"},
    {"PAGINATION_MAX_PAGE_SIZE", common},
    {"PASSTHROUGH_HEADERS_SOURCE", its_own},
    {"PASSWORD_MIN_LENGTH", common},
    {"PERFORMANCE_THRESHOLD_TOOL_INVOCATION_MS", common},
    {"PERMISSION_AUDIT_ENABLED", common},
    {"PLATFORM_ADMIN_EMAIL", common},
    {"PLATFORM_ADMIN_PASSWORD", common},
    {"PLUGINS_CAN_OVERRIDE_AUTH_HEADERS", its_own},
    {"PLUGINS_CAN_OVERRIDE_RBAC", its_own},
    {"POLL_INTERVAL", common},
    {"PREV_ED25519_PRIVATE_KEY", common},
    {"PRIVATE_KEY_SECRET", common},
    {"PROMPT_CACHE_SIZE", common},
    {"PROMPT_RENDER_TIMEOUT", common},
    {"PROTOCOL_VERSION", common},
    {"PROXY_USER_HEADER", common},
    {"PUBLIC_REGISTRATION_ENABLED", common},
    {"REDIS_LEADER_HEARTBEAT_INTERVAL", common},
    {"REDIS_LEADER_TTL", common},
    {"REDIS_MAX_CONNECTIONS", common},
    {"REDIS_SOCKET_TIMEOUT", common},
    {"REDIS_URL", common},
    {"REGISTRY_CACHE_ENABLED", common},
    {"REGISTRY_CACHE_GATEWAYS_TTL", common},
    {"REGISTRY_CACHE_PROMPTS_TTL", common},
    {"REGISTRY_CACHE_RESOURCES_TTL", common},
    {"REGISTRY_CACHE_SERVERS_TTL", common},
    {"REGISTRY_CACHE_TOOLS_TTL", common},
    {"REQUIRE_JTI", common},
    {"REQUIRE_TOKEN_EXPIRATION", common},
    {"REQUIRE_USER_IN_DB", common},
    {"RESOURCE_CACHE_SIZE", common},
    {"RESOURCE_CACHE_TTL", common},
    {"RETRY_BASE_DELAY", common},
    {"RETRY_JITTER_MAX", common},
    {"RETRY_MAX_ATTEMPTS", common},
    {"RETRY_MAX_DELAY", common},
    {"SECURE_COOKIES", common},
    {"SECURITY_HEADERS_ENABLED", common},
    {"SECURITY_LOGGING_ENABLED", common},
    {"SESSION_TTL", common, "sessions.idle_timeout"},
    {"SKIP_SSL_VERIFY", common, "proxy.ca_file"},
    {"SMTP_PASSWORD", common},
    {"SSE_KEEPALIVE_ENABLED", common},
    {"SSE_SEND_TIMEOUT", common, "timeouts.write"},
    {"SSO_ADFS_CLIENT_SECRET", common},
    {"SSO_ENABLED", common},
    {"SSO_ENTRA_CLIENT_SECRET", common},
    {"SSO_GENERIC_CLIENT_SECRET", common},
    {"SSO_GITHUB_CLIENT_SECRET", common},
    {"SSO_GOOGLE_CLIENT_SECRET", common},
    {"SSO_IBM_VERIFY_CLIENT_SECRET", common},
    {"SSO_KEYCLOAK_CLIENT_SECRET", common},
    {"SSO_OKTA_CLIENT_SECRET", common},
    {"SSRF_ALLOWED_NETWORKS", common},
    {"SSRF_ALLOW_LOCALHOST", common},
    {"SSRF_ALLOW_PRIVATE_NETWORKS", common},
    {"SSRF_BLOCKED_HOSTS", common, "egress.denied_networks"},
    {"SSRF_DNS_FAIL_CLOSED", common},
    {"SSRF_PROTECTION_ENABLED", common, "egress.denied_networks"},
    {"STRUCTURED_LOGGING_DATABASE_ENABLED", common},
    {"TOKEN_EXPIRY", common},
    {"TOKEN_LAST_USED_UPDATE_INTERVAL_MINUTES", common},
    {"TOKEN_USAGE_LOGGING_ENABLED", common},
    {"TOOLOPS_ENABLED", common},
    {"TOOL_CONCURRENT_LIMIT", common},
    {"TOOL_LOOKUP_CACHE_ENABLED", its_own},
    {"TOOL_LOOKUP_CACHE_L1_MAXSIZE", its_own},
    {"TOOL_LOOKUP_CACHE_L2_ENABLED", its_own},
    {"TOOL_LOOKUP_CACHE_NEGATIVE_TTL_SECONDS", its_own},
    {"TOOL_LOOKUP_CACHE_TTL_SECONDS", its_own},
    {"TOOL_RATE_LIMIT", common},
    {"TRANSPORT_TYPE", common},
    {"TRUST_PROXY_AUTH", common},
    {"TRUST_PROXY_AUTH_DANGEROUSLY", its_own},
    {"UNHEALTHY_THRESHOLD", common},
    {"VALIDATE_TOKEN_ENVIRONMENT", common},
    {"VALIDATION_MAX_DESCRIPTION_LENGTH", common},
    {"VALIDATION_MAX_JSON_DEPTH", common},
    {"VALIDATION_MAX_NAME_LENGTH", common},
    {"VALIDATION_MAX_REQUESTS_PER_MINUTE", common},
    {"VALIDATION_MAX_RPC_PARAM_SIZE", common},
    {"VALIDATION_MAX_TEMPLATE_LENGTH", common},
    {"VALIDATION_MAX_URL_LENGTH", common},
    {"VALIDATION_MIDDLEWARE_ENABLED", common},
    {"WEBSOCKET_PING_INTERVAL", common},
    {"WELL_KNOWN_CACHE_MAX_AGE", common},
    {"WELL_KNOWN_ENABLED", common},
    {"X_FRAME_OPTIONS", common},
});
// clang-format on

}  // namespace

std::span<const ContextForgeVariable> contextforge_variables() {
    return table;
}

}  // namespace gw::app
