#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace gw::app::test {

// A folder of its own, gone with the object.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "bascule-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) std::abort();
        name_ = name;
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    ~Folder() { std::filesystem::remove_all(name_); }

    std::string path(const std::string& name) const { return name_ + "/" + name; }

    std::string write(const std::string& name, std::string_view text) const {
        std::ofstream(path(name)) << text;
        return path(name);
    }

    // `text` without the folder's name, which is another each time.
    std::string cut_from(std::string text) const {
        for (auto at = text.find(name_ + "/"); at != std::string::npos; at = text.find(name_ + "/"))
            text.erase(at, name_.size() + 1);
        return text;
    }

private:
    std::string name_;
};

}  // namespace gw::app::test
