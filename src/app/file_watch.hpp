#pragma once

#include "base/error.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gw::app {

// Tells when one of some files has changed: was written, replaced, or came, also where the file is
// a link into a folder that is replaced as a whole (as in Kubernetes). It waits until nothing has
// happened for a moment, so that a file is whole when it is told; a file that changes all the time
// is told of now and then.
class FileWatch {
public:
    // `tell` is called on a thread of this, which lasts as long as it. Signals that others take
    // must be blocked by now. Files need not exist; their folders must, or are passed over.
    static Result<std::unique_ptr<FileWatch>> open(
        const std::vector<std::string>& files, std::function<void()> tell
    );

    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;
    ~FileWatch();

private:
    struct Folder {
        int watch;
        std::vector<std::string> names;  // Of the files in it.
    };

    FileWatch(int events, int end, std::function<void()> tell);

    void add(const std::string& file);
    void serve();
    bool wait(int milliseconds);
    bool read_events();
    bool concerns(int watch, const char* name) const;

    int events_;  // Descriptor of inotify.
    int end_;     // Descriptor that becomes readable at the end.
    std::vector<Folder> folders_;
    std::function<void()> tell_;
    std::thread thread_;
};

}  // namespace gw::app
