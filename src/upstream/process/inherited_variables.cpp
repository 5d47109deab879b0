#include "upstream/process/inherited_variables.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gw::upstream {

namespace {

using Name = std::string_view;

// Their values may hold a user and a password, without which there is no network.
constexpr std::array proxies = std::to_array<Name>({
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "npm_config_https_proxy",
    "npm_config_proxy",
});

constexpr std::array usual = std::to_array<Name>({
    // Every program.
    "HOME",
    "LANG",
    "PATH",
    "TMPDIR",
    // Which hosts need no proxy, and whether Node.js uses one.
    "NODE_USE_ENV_PROXY",
    "NO_PROXY",
    "no_proxy",
    "npm_config_noproxy",
    // Certificates.
    "AWS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "DENO_CERT",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "NODE_USE_SYSTEM_CA",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_NATIVE_TLS",
    "npm_config_cafile",
    // Folders of the user.
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    // Node.js and what runs JavaScript beside it.
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "BUN_INSTALL",
    "COREPACK_HOME",
    "DENO_DIR",
    "FNM_DIR",
    "MISE_DATA_DIR",
    "NPM_CONFIG_CACHE",
    "NPM_CONFIG_PREFIX",
    "NPM_CONFIG_REGISTRY",
    "NPM_CONFIG_USERCONFIG",
    "NVM_BIN",
    "NVM_DIR",
    "PLAYWRIGHT_BROWSERS_PATH",
    "PNPM_HOME",
    "VOLTA_HOME",
    "YARN_CACHE_FOLDER",
    "npm_config_cache",
    "npm_config_prefix",
    "npm_config_registry",
    "npm_config_userconfig",
    // Python.
    "PIPX_HOME",
    "PIP_CACHE_DIR",
    "PIP_CONFIG_FILE",
    "PIP_EXTRA_INDEX_URL",
    "PIP_INDEX_URL",
    "PYENV_ROOT",
    "UV_CACHE_DIR",
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_PYTHON",
    "UV_PYTHON_INSTALL_DIR",
    "UV_PYTHON_INSTALL_MIRROR",
    "UV_TOOL_DIR",
    // Others.
    "CARGO_HOME",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOTNET_ROOT",
    "GEM_HOME",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GOPROXY",
    "JAVA_HOME",
    "RUSTUP_HOME",
});

// Where ContextForge keeps the secrets of a gateway. Who comes from there may still have them set.
constexpr std::array secrets_of_gateways = std::to_array<Name>({
    "AUTH_ENCRYPTION_SECRET",
    "BASIC_AUTH_PASSWORD",
    "CSRF_SECRET_KEY",
    "DATABASE_URL",
    "DEFAULT_USER_PASSWORD",
    "ED25519_PRIVATE_KEY",
    "IDENTITY_CLAIMS_SECRET",
    "JWT_SECRET_KEY",
    "LANGFUSE_OTEL_AUTH",
    "LANGFUSE_SECRET_KEY",
    "OTEL_EXPORTER_JAEGER_PASSWORD",
    "PLATFORM_ADMIN_PASSWORD",
    "PREV_ED25519_PRIVATE_KEY",
    "PRIVATE_KEY_SECRET",
    "REDIS_URL",
    "SMTP_PASSWORD",
    "SSO_ADFS_CLIENT_SECRET",
    "SSO_ENTRA_CLIENT_SECRET",
    "SSO_GENERIC_CLIENT_SECRET",
    "SSO_GITHUB_CLIENT_SECRET",
    "SSO_GOOGLE_CLIENT_SECRET",
    "SSO_IBM_VERIFY_CLIENT_SECRET",
    "SSO_KEYCLOAK_CLIENT_SECRET",
    "SSO_OKTA_CLIENT_SECRET",
});

bool is_of_gateway(Name name) {
    return name.starts_with("BASCULE_") ||
           std::ranges::find(secrets_of_gateways, name) != secrets_of_gateways.end();
}

// A variable with one of these words in its name may hold a secret; the lists of what children get
// have none such.
constexpr bool sounds_secret(Name name) {
    constexpr std::array words =
        std::to_array<Name>({"TOKEN", "PASSWORD", "SECRET", "AUTH", "KEY"});
    const auto to_upper = [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    };
    return std::ranges::any_of(words, [&](Name word) {
        return !std::ranges::search(name, word, {}, to_upper).empty();
    });
}

static_assert(std::ranges::none_of(usual, sounds_secret));
static_assert(std::ranges::none_of(proxies, sounds_secret));

// RFC 3986, 3.2.1: "user:password@" in the authority of any URL in the text.
bool has_user_info(std::string_view text) {
    for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at)) {
        at += 3;
        const auto authority = text.substr(at, text.substr(at).find_first_of("/?# ,;|"));
        if (authority.contains('@')) return true;
    }
    return false;
}

}  // namespace

Variables inherited_variables(
    const std::function<std::optional<std::string>(std::string_view)>& ours,
    const std::vector<std::string>& also
) {
    Variables found;
    const auto add = [&](Name name, bool may_have_user) {
        auto value = ours(name);
        if (value && (may_have_user || !has_user_info(*value))) {
            found.emplace(name, *std::move(value));
        }
    };
    for (const auto name : usual)
        add(name, false);
    for (const auto name : proxies)
        add(name, true);
    for (const auto& name : also) {
        if (is_inheritable(name)) add(name, true);
    }
    return found;
}

bool is_inheritable(std::string_view name) {
    const auto is_fine = [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
               (c >= 'a' && c <= 'z');
    };
    return !name.empty() && (name.front() < '0' || name.front() > '9') &&
           std::ranges::all_of(name, is_fine) && !is_of_gateway(name);
}

}  // namespace gw::upstream
