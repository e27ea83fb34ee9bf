#include "tiercel/rules/loader.h"

#include <utility>

#include "collector.h"
#include "definitions.h"
#include "read_documents.h"
#include "reporter.h"
#include "resolver.h"
#include "source_files.h"
#include "versions.h"

namespace tiercel::rules {

class Loader::Impl {
 public:
  explicit Impl(LoaderOptions given)
      : options(std::move(given)),
        reporter(files),
        collector(files, options, definitions, reporter),
        resolver(files, options, definitions, reporter) {}

  void check_plugins();

  LoaderOptions options;
  SourceFiles files;
  Reporter reporter;
  Definitions definitions;
  Collector collector;
  Resolver resolver;

 private:
  [[nodiscard]] const LoaderOptions::Plugin* find_plugin(const std::string& name) const {
    for (const LoaderOptions::Plugin& plugin : options.plugins) {
      if (plugin.name == name) {
        return &plugin;
      }
    }
    return nullptr;
  }
  void check_requirement(const PluginRequirement& requirement);
};

void Loader::Impl::check_requirement(const PluginRequirement& requirement) {
  const Reporter::Texts within{"required_plugin_versions"};
  std::string wanted;
  for (const PluginRequirement::Choice& choice : requirement.choices) {
    wanted += (wanted.empty() ? "" : ", ") + choice.name + " " + to_text(choice.version);
    const LoaderOptions::Plugin* plugin = find_plugin(choice.name);
    if (plugin == nullptr) {
      continue;
    }
    // The first that is there decides, even where a later one would do.
    const Version have = parse_version(plugin->version).value_or(Version{});
    if (!satisfies(have, choice.version)) {
      reporter.report(Code::kPluginTooOld, choice.origin,
                      "the rules need plugin '" + choice.name + "' " + to_text(choice.version) +
                          "; this program stands in for version " + plugin->version,
                      within);
    }
    return;
  }
  std::string offered;
  for (const LoaderOptions::Plugin& plugin : options.plugins) {
    offered += (offered.empty() ? "" : ", ") + plugin.name + " " + plugin.version;
  }
  reporter.report(Code::kPluginNotThere, requirement.choices.front().origin,
                  "the rules need one of the plugins: " + wanted, within,
                  {"this program stands in for: " + offered});
}

void Loader::Impl::check_plugins() {
  for (const PluginRequirement& requirement : definitions.plugins) {
    check_requirement(requirement);
  }
}

Loader::Loader(LoaderOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Loader::~Loader() = default;

void Loader::add_file(const std::string& name, std::string_view content,
                      base::Diagnostics& diagnostics) {
  impl_->reporter.send_to(&diagnostics);
  const std::uint32_t file = impl_->files.add(name, content);
  impl_->collector.collect(read_documents(impl_->files, file, impl_->reporter));
  impl_->resolver.resolve(impl_->collector.take_refused());
  impl_->reporter.send_to(nullptr);
}

void Loader::finish(base::Diagnostics& diagnostics) {
  impl_->reporter.send_to(&diagnostics);
  impl_->check_plugins();
  impl_->reporter.send_to(nullptr);
}

const std::vector<ResolvedRule>& Loader::rules() const { return impl_->resolver.rules(); }

base::Location Loader::locate(condition::Place place) const {
  return impl_->resolver.texts().locate(place);
}

base::Diagnostic Loader::diagnose(condition::Place place) const {
  return impl_->resolver.texts().diagnose(place);
}

std::vector<Loader::Definition> Loader::definitions() const {
  return impl_->resolver.definitions();
}

std::string Loader::required_engine_version() const {
  return to_text(impl_->definitions.required_engine);
}

}  // namespace tiercel::rules
