#include "app/file_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace gw::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds silence{200};  // After the last event.
constexpr std::chrono::seconds patience{2};        // For that silence to come.
constexpr std::chrono::seconds look_interval{2};
constexpr std::uint32_t events_that_matter =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB;

// The link that Kubernetes replaces when a mounted configuration changes.
constexpr const char* data_link = "..data";

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::open(
    const std::vector<std::string>& files, std::function<void()> tell
) {
    const int events = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (events < 0) {
        return fail(Errc::unavailable, std::string("inotify: ") + ::strerrordesc_np(errno));
    }
    const int end = ::eventfd(0, EFD_CLOEXEC);
    if (end < 0) {
        ::close(events);
        return fail(Errc::unavailable, std::string("eventfd: ") + ::strerrordesc_np(errno));
    }
    std::unique_ptr<FileWatch> made(new FileWatch(events, end, files, std::move(tell)));
    for (const auto& file : files) {
        made->add(file);
        // Where the file is a link, what it leads to may change as well.
        std::error_code error;
        const auto real = std::filesystem::canonical(file, error).string();
        if (!error && real != file) made->add(real);
    }
    made->thread_ = std::thread([watch = made.get()] { watch->serve(); });
    return made;
}

FileWatch::FileWatch(
    int events, int end, std::vector<std::string> files, std::function<void()> tell
)
    : events_(events), end_(end), files_(std::move(files)), tell_(std::move(tell)) {}

FileWatch::~FileWatch() {
    const std::uint64_t one = 1;
    std::ignore = ::write(end_, &one, sizeof(one));
    if (thread_.joinable()) thread_.join();
    ::close(events_);
    ::close(end_);
}

// A folder is watched and not the file, which editors replace by another one.
void FileWatch::add(const std::string& file) {
    const std::filesystem::path path(file);
    const auto folder = path.has_parent_path() ? path.parent_path().string() : std::string(".");
    const int watch = ::inotify_add_watch(events_, folder.c_str(), events_that_matter | IN_ONLYDIR);
    if (watch < 0) return;
    auto found = std::ranges::find(folders_, watch, &Folder::watch);
    if (found == folders_.end()) found = folders_.insert(folders_.end(), {watch, {data_link}});
    found->names.push_back(path.filename().string());
}

void FileWatch::serve() {
    auto next = Clock::now() + look_interval;
    for (auto came = wait(look_interval); came != Came::end; came = wait(next - Clock::now())) {
        const bool has_events = came == Came::event && read_events();
        const bool is_look = Clock::now() >= next;
        if (!has_events && !is_look) continue;
        auto now = signatures(files_);
        if (has_events || now != told_) now = settle(std::move(now));
        // One that was there at the last look may be on its way back.
        const bool is_sure = now != told_ && !is_any_gone(seen_, now);
        if (is_sure || (has_events && now == told_)) {
            told_ = now;
            tell_();
        }
        if (!is_look) continue;
        seen_ = std::move(now);
        next = Clock::now() + look_interval;
    }
}

// Waits until nothing happens any more, and returns how the files are then.
std::vector<FileSignature> FileWatch::settle(std::vector<FileSignature> before) {
    for (const auto latest = Clock::now() + patience; Clock::now() < latest;) {
        const auto came = wait(silence);
        if (came == Came::event) read_events();
        auto now = signatures(files_);
        if (came == Came::end || (came == Came::nothing && now == before)) return now;
        before = std::move(now);
    }
    return before;
}

FileWatch::Came FileWatch::wait(Clock::duration time) const {
    std::array<pollfd, 2> both{{{events_, POLLIN, 0}, {end_, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time).count();
    for (;;) {
        const int count = ::poll(both.data(), both.size(), static_cast<int>(std::max(left, 0L)));
        if (count < 0 && errno == EINTR) continue;
        if (both[1].revents != 0) return Came::end;
        return count > 0 ? Came::event : Came::nothing;
    }
}

// Reads what there is; true when it concerns one of the files.
bool FileWatch::read_events() {
    bool is_ours = false;
    alignas(inotify_event) std::array<char, 16 * (sizeof(inotify_event) + NAME_MAX + 1)> bytes;
    for (;;) {
        const auto size = ::read(events_, bytes.data(), bytes.size());
        if (size <= 0) return is_ours;
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            const auto* const event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
            is_ours = is_ours || (event->mask & IN_Q_OVERFLOW) != 0 ||
                      (event->len > 0 && concerns(event->wd, event->name));
            at += sizeof(inotify_event) + event->len;
        }
    }
}

bool FileWatch::concerns(int watch, const char* name) const {
    const auto found = std::ranges::find(folders_, watch, &Folder::watch);
    return found != folders_.end() && std::ranges::find(found->names, name) != found->names.end();
}

}  // namespace gw::app
