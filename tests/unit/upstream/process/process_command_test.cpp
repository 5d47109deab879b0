#include "upstream/process/process_command.hpp"

#include "unit/upstream/process/program.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace gw::upstream {
namespace {

namespace fs = std::filesystem;

class FindCommand : public testing::Test {
protected:
    FindCommand() {
        fs::create_directories(folder / "bin");
        std::ofstream(folder / "bin" / "tool") << "#!/bin/sh\n";
        ::chmod((folder / "bin" / "tool").c_str(), 0755);
        std::ofstream(folder / "bin" / "text") << "no program\n";
    }

    ~FindCommand() override { fs::remove_all(folder); }

    std::string found(const Config& config) const {
        const auto command = find_command(config, ours);
        if (!command) return to_string(command.error()) + " | " + command.error().detail;
        return command->path;
    }

    const fs::path folder =
        fs::temp_directory_path() / ("command_test." + std::to_string(::getpid()));
    Variables ours{{"PATH", "/nowhere::" + (folder / "bin").string()}};
};

TEST_F(FindCommand, looks_in_the_folders_of_path) {
    EXPECT_EQ(found(program("tool")), folder / "bin" / "tool");
    ours["PATH"] = "/nowhere";
    EXPECT_EQ(
        found(program("tool")),
        "upstream_failed: the program tool was not found | command: tool is no executable file in "
        "any folder of PATH: write its whole path, or set PATH in its env"
    );
}

TEST_F(FindCommand, uses_the_path_that_the_child_will_have) {
    const auto path = ours["PATH"];
    ours["PATH"] = "/nowhere";
    EXPECT_EQ(found(program("tool", {}, {{"PATH", path}})), folder / "bin" / "tool");
}

TEST_F(FindCommand, takes_a_command_with_a_slash_from_where_the_child_runs) {
    EXPECT_EQ(found(program("./bin/tool", {}, {}, folder)), folder / "./bin/tool");
    EXPECT_EQ(found(program(folder / "bin" / "tool")), folder / "bin" / "tool");
}

TEST_F(FindCommand, refuses_what_cannot_be_executed) {
    for (const std::string command : {"text", "bin", "", "no-such"}) {
        EXPECT_TRUE(found(program(command)).starts_with("upstream_failed")) << command;
    }
    EXPECT_TRUE(found(program("/no/tool")).ends_with("| command: tool is no executable file"));
    EXPECT_TRUE(
        found(program("tool", {}, {}, "/no/such")).ends_with("| cwd: the folder was not found")
    );
}

TEST_F(FindCommand, refuses_texts_that_the_system_would_cut) {
    using namespace std::string_literals;
    for (const Config& config : {
             program("tool\0x"s),
             program("tool", {"a\0b"s}),
             program("tool", {}, {{"A", "a\0b"s}}),
             program("tool", {}, {{"A=B", "c"}}),
             program("tool", {}, {{"", "c"}}),
         }) {
        EXPECT_TRUE(found(config).ends_with("a name in env a '='"));
    }
}

TEST_F(FindCommand, hands_on_what_is_inherited_after_its_own) {
    ours["HOME"] = "/home/x";
    ours["LANG"] = "C";
    ours["TMPDIR"] = "/t";
    const auto command =
        find_command(program("tool", {"-v", ""}, {{"LANG", "de"}, {"KEY", "k"}}), ours);
    EXPECT_EQ(
        command->environment,
        (std::vector<std::string>{
            "HOME=/home/x", "KEY=k", "LANG=de", "PATH=" + ours["PATH"], "TMPDIR=/t"
        })
    );
    EXPECT_EQ(command->arguments, (std::vector<std::string>{"tool", "-v", ""}));
}

}  // namespace
}  // namespace gw::upstream
