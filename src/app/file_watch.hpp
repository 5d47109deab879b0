#pragma once

#include "app/file_signature.hpp"
#include "base/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gw::app {

// Tells when one of some files has changed: was written, replaced, or came, also where the file is
// a link into a folder that is replaced as a whole (as in Kubernetes). The system tells at once of
// what happens in the folders that were there at the start; every two seconds the files are looked
// at besides, whatever has become of links and folders on the way to them. It waits until nothing
// has happened for a moment, so that a file is whole when it is told; a file that changes all the
// time is told of now and then, and one that is gone when it is still gone at the next look.
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

    enum class Came { event, nothing, end };

    FileWatch(int events, int end, std::vector<std::string> files, std::function<void()> tell);

    void add(const std::string& file);
    void serve();
    std::vector<FileSignature> settle(std::vector<FileSignature> before);
    Came wait(std::chrono::steady_clock::duration time) const;
    bool read_events();
    bool concerns(int watch, const char* name) const;

    int events_;  // Descriptor of inotify.
    int end_;     // Descriptor that becomes readable at the end.
    std::vector<std::string> files_;
    std::vector<Folder> folders_;
    std::vector<FileSignature> told_ =
        signatures(files_);                    // How they were when that was told last.
    std::vector<FileSignature> seen_ = told_;  // And at the last regular look.
    std::function<void()> tell_;
    std::thread thread_;
};

}  // namespace gw::app
