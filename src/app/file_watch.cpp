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

constexpr int silence = 200;                 // Milliseconds after the last event.
constexpr std::chrono::seconds patience{2};  // For that silence to come.
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
    std::unique_ptr<FileWatch> made(new FileWatch(events, end, std::move(tell)));
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

FileWatch::FileWatch(int events, int end, std::function<void()> tell)
    : events_(events), end_(end), tell_(std::move(tell)) {}

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
    while (wait(-1)) {
        if (!read_events()) continue;
        const auto latest = Clock::now() + patience;
        while (Clock::now() < latest && wait(silence))
            read_events();
        tell_();
    }
}

// True when there are events; false when time is up, or it ends.
bool FileWatch::wait(int milliseconds) {
    std::array<pollfd, 2> both{{{events_, POLLIN, 0}, {end_, POLLIN, 0}}};
    for (;;) {
        const int count = ::poll(both.data(), both.size(), milliseconds);
        if (count < 0 && errno == EINTR) continue;
        return count > 0 && both[1].revents == 0;
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
