#include "doctor_files.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temp_dir.h"

namespace tiercel::app {
namespace {

namespace fs = std::filesystem;

class DoctorFiles : public testing::Test {
 protected:
  DoctorFiles() { ::chmod(folder_.path().c_str(), 0755); }

  std::string file(const std::string& name, mode_t mode) {
    fs::create_directories(fs::path(folder_.path(name)).parent_path());
    std::string path = folder_.write(name, "a line\n");
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string folder(const std::string& name, mode_t mode) {
    std::string path = folder_.path(name);
    fs::create_directories(path);
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string text(const Findings& findings) {
    std::string all;
    for (const Finding& one : findings.list()) {
      EXPECT_EQ(one.topic, "permissions");
      EXPECT_TRUE(one.state == Finding::State::kGood || !one.advice.empty()) << one.what;
      all += (one.state == Finding::State::kGood      ? "good: "
              : one.state == Finding::State::kWarning ? "warning: "
              : one.state == Finding::State::kError   ? "error: "
                                                      : "not checked: ") +
             one.what + "\n";
    }
    return all;
  }
  // The settings of this configuration, outputs and all.
  config::Settings settings(const std::string& yaml) {
    CommonOptions common;
    common.config = folder_.write("tiercel.yaml", yaml);
    base::Diagnostics diagnostics;
    config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << base::to_text(diagnostics);
    return loaded.settings;
  }
  std::string of_outputs(const std::string& options, const DaemonUser& who) {
    Findings findings;
    examine_alert_files(settings("outputs:\n  archive: {type: file, " + options + "}\n"), who,
                        findings);
    return text(findings);
  }
  std::string of_letters(const std::string& options, const DaemonUser& who) {
    Findings findings;
    examine_dead_letters(settings(options), who, findings);
    return text(findings);
  }

  support::TempDir folder_;
  // Whom files of this test do not belong to.
  const DaemonUser stranger_{"stranger", ::geteuid() + 1, {::getegid() + 1}};
  const DaemonUser owner_{"owner", ::geteuid(), {::getegid()}};
  // As which nobody but root can look for somebody else.
  const std::string bad_ = ::geteuid() == 0 ? "error: " : "not checked: ";
};

TEST_F(DoctorFiles, ConfigurationAndRulesMustBeReadable) {
  const std::string rules = folder("rules.d", 0755);
  const std::string open = file("rules.d/a.yaml", 0644);
  const std::string closed = file("rules.d/b.yaml", 0600);
  const auto found = [](const ReadPaths& paths, const DaemonUser& who) {
    Findings findings;
    examine_readable(paths, who, findings);
    return text(findings);
  };
  EXPECT_EQ(found({{open, closed}, {rules}}, owner_),
            "good: the user owner can read configuration and rules, 2 files\n");
  const std::string told = found({{open, closed, closed}, {rules}}, stranger_);
  EXPECT_TRUE(told.starts_with(bad_ + closed + ": the user stranger cannot read it")) << told;
  EXPECT_EQ(told.find("good: "), std::string::npos) << told;
  EXPECT_EQ(told.find('\n'), told.size() - 1) << "once: " << told;
  ::chmod(rules.c_str(), 0711);  // its files can be opened by name, and are not found
  EXPECT_TRUE(found({{open}, {rules}}, stranger_)
                  .starts_with(bad_ + rules + ": the user stranger cannot read it"));
}

TEST_F(DoctorFiles, AFileBehindALinkMustBeReadableThere) {
  const std::string real = file("closed/rules.yaml", 0644);
  ::chmod(folder_.path("closed").c_str(), 0700);
  const std::string link = folder_.path("rules.yaml");
  fs::create_symlink(real, link);
  Findings findings;
  examine_readable({{link}, {}}, stranger_, findings);
  EXPECT_EQ(text(findings),
            bad_ + link + ": the user stranger does not get into " + folder_.path("closed") + "\n");
}

TEST_F(DoctorFiles, OfManyClosedFilesSomeAreNamed) {
  ReadPaths paths;
  for (int at = 0; at < 9; ++at) {
    paths.files.push_back(file("rules.d/" + std::to_string(at) + ".yaml", 0600));
  }
  Findings findings;
  examine_readable(paths, stranger_, findings);
  ASSERT_EQ(findings.list().size(), 6U) << text(findings);
  EXPECT_EQ(findings.list().back().what, "4 more paths of the same kind");
}

TEST_F(DoctorFiles, WhatIsReadIsWhatTheConfigurationNames) {
  file("rules.d/a.yaml", 0644);
  file("rules.d/notes.txt", 0600);
  file("config.d/x.yaml", 0644);
  folder_.write("config.d/x.yaml", "priority: debug\n");
  folder_.write("rules.d/a.yaml", "[]\n");
  CommonOptions common;
  common.config =
      folder_.write("tiercel.yaml", "config_files: [" + folder_.path("config.d") +
                                        "]\nrules_files: [" + folder_.path("rules.d") + "]\n");
  base::Diagnostics diagnostics;
  const config::Loaded loaded = load_config(common, config::Purpose::kOffline, diagnostics);
  const ReadPaths paths = read_paths(common, loaded);
  EXPECT_EQ(paths.files, (std::vector<std::string>{*common.config, folder_.path("config.d/x.yaml"),
                                                   folder_.path("rules.d/a.yaml")}));
  EXPECT_EQ(paths.folders,
            (std::vector<std::string>{folder_.path("config.d"), folder_.path("rules.d")}));
}

TEST_F(DoctorFiles, TheFolderOfDeadLettersMustBeTheDaemons) {
  const std::string letters = folder("letters", 0700);
  const std::string option = "dead_letter: {path: " + letters + "}\n";
  EXPECT_TRUE(of_letters(option, owner_).starts_with("good: " + letters + " is private"));
  EXPECT_TRUE(of_letters(option, stranger_)
                  .starts_with(bad_ + letters + ": the user stranger cannot write it"))
      << of_letters(option, stranger_);
}

TEST_F(DoctorFiles, OneThatIsNotThereMustBePossible) {
  const std::string store = folder("store", 0700);
  const std::string option = "store: {path: " + store + "}\n";
  EXPECT_EQ(of_letters(option, owner_),
            "good: there are no dead letters; the user owner can make " + store + "/dead-letter\n");
  EXPECT_TRUE(of_letters("dead_letter: {path: " + folder_.path("a/b") + "}\n", stranger_)
                  .starts_with(bad_ + folder_.path() + ": the user stranger cannot write it"));
  EXPECT_EQ(of_letters("store: {path: " + folder_.path("none") + "}\n", stranger_), "")
      << "said of store.path";
}

TEST_F(DoctorFiles, AnAlertFileMustBeWritable) {
  const std::string path = file("log/alerts.log", 0640);
  ::chmod(folder_.path("log").c_str(), 0755);
  const std::string option = "filename: " + path;
  EXPECT_EQ(of_outputs(option, owner_), "good: the user owner can write " + path + "\n");
  EXPECT_TRUE(of_outputs(option, stranger_)
                  .starts_with(bad_ + path + ": the user stranger cannot write it"))
      << of_outputs(option, stranger_);
  ::chmod(path.c_str(), 0666);
  EXPECT_EQ(of_outputs(option, stranger_), "good: the user stranger can write " + path + "\n");
  for (const char* const rotation : {", rotate_size: 1MiB", ", rotate_interval: 24h"}) {
    EXPECT_TRUE(of_outputs(option + rotation, stranger_)
                    .starts_with(bad_ + folder_.path("log") + ": the user stranger cannot write"))
        << rotation;
  }
}

TEST_F(DoctorFiles, OneThatIsNotThereIsMadeInItsFolder) {
  const std::string log = folder("log", 0755);
  const std::string option = "filename: " + log + "/alerts.log";
  EXPECT_TRUE(of_outputs(option, owner_).starts_with("good: "));
  EXPECT_TRUE(of_outputs(option, stranger_)
                  .starts_with(bad_ + log + ": the user stranger cannot write it"));
}

TEST_F(DoctorFiles, WhatIsNoFileOrNotEnabledIsLeftAlone) {
  EXPECT_EQ(of_outputs("filename: /dev/null", stranger_), "");
  EXPECT_EQ(of_outputs("filename: " + folder_.path("none/alerts.log"), stranger_), "")
      << "said of the configuration";
  EXPECT_EQ(of_outputs("enabled: false, filename: " + file("a.log", 0600), stranger_), "");
}

}  // namespace
}  // namespace tiercel::app
