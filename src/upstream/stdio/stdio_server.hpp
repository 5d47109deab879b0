#pragma once

#include "async/event.hpp"
#include "async/gate.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "mcp/peer.hpp"
#include "upstream/ground/link.hpp"
#include "upstream/ground/link_resources.hpp"
#include "upstream/stateless/stateless_terms.hpp"
#include "upstream/stdio/stdio_child.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gw::upstream {

// A server over stdio as one shard reaches it: gives each link its process. A server with sessions
// has a process for each link, because a process is a session; a stateless one has a process for
// all of them; one that speaks both eras has both, by what the links prefer. When the one for all
// has ended it is started anew, once for all who need it; when nobody has used it for long it ends.
// close() is awaited before it is destroyed, after all its links.
class StdioServer {
public:
    // All of it outlives the server. An empty `take_spare`: no process is started ahead.
    StdioServer(const StdioChild::Parts& parts, TakeSpare take_spare = nullptr);
    ~StdioServer();

    // Shared by the links that use it and the server, who let go of it in any order.
    using Child = std::shared_ptr<StdioChild>;

    // A link, for the process that serves it. All of it outlives the use of the process.
    struct Guest {
        const LinkPurpose& purpose;
        StatelessTerms& terms;
        mcp::Exchange& outside;
    };

    // Sets `child` to a process for the guest: the one that is shared, or a new one. A guest that
    // prefers a session gets the one that is shared, too, when there may be no more processes.
    // `params` are those of initialize; the result is that of StdioChild::open(), with its errors.
    // Whoever waited for another guest's start gets the error of that. If `child` is set, also
    // after an error, the guest calls let_go() in the end.
    Task<Result<Slice>> open(Child& child, const Guest& guest, std::string_view params);

    // The guest with this purpose needs `child` no more. Returns when a process that was the
    // guest's alone has ended. A shared one goes on.
    Task<> let_go(const Child& child, const LinkPurpose& purpose);

    // Begins to close shared processes that have ended by themselves, or that nobody has used for
    // longer than `idle_max`. To be called now and then.
    void tend(Time idle_max);

    // Ends all processes that are shared. The others end with let_go().
    Task<> close();

    // What its links work with.
    LinkResources& around() { return parts_.around; }

private:
    struct Waiter;  // Who waits for a process that another starts.

    Child usable() const;
    std::optional<Era> era_for(const Guest& guest) const;
    bool is_better_shared(const Result<Slice>& opened, const Child& child, const Guest& guest)
        const;
    Task<Result<Slice>> open_preferred(Child& child, const Guest& guest, std::string_view params);
    Task<Result<Slice>> open_new(Child& child, const Guest& guest, std::string_view params);
    Child make(const Guest& guest);
    Task<Result<void>> wait_for_start();
    static Task<> end(Child child);

    const StdioChild::Parts parts_;
    const TakeSpare take_spare_;
    async::Gate gate_;
    std::vector<Child> shared_;  // At most one of them is usable.
    bool is_starting_ = false;   // One that may be shared.
    std::vector<Waiter*> waiting_;
};

}  // namespace gw::upstream
