#include "app/configuration.hpp"

#include "app/authenticators.hpp"
#include "app/options.hpp"

#include <utility>

namespace gw::app {

Result<Configuration> Configurator::make(Settings settings) {
    GW_TRY(auto tokens, find_tokens(settings.auth.tokens_file));
    // Later that is how the last token is taken away.
    const bool is_first = policy_ == 0;
    if (is_first && tokens && tokens->size() == 0) {
        return fail(Errc::invalid_params, settings.auth.tokens_file + " has no tokens");
    }
    GW_DO(topology_.update(settings));
    Configuration made;
    made.web = std::make_shared<const web::Options>(to_web_options(settings, settings.listen));
    made.mcp = std::make_shared<const transport::Options>(to_mcp_options(settings));
    GW_TRY(made.authenticator, make_authenticator(tokens, ++policy_));
    made.tokens = std::move(tokens);
    made.topology = topology_.topology();
    made.targets = topology_.targets();
    made.denied = topology_.denied();
    made.settings = std::make_shared<const Settings>(std::move(settings));
    return made;
}

}  // namespace gw::app
