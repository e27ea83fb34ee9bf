#include "sources.h"

namespace tiercel::app {

struct Sources::Impl {
  bool is_asked_for = false;
};

Sources::Sources(const config::Settings& settings, pipeline::Pipeline& /*pipeline*/,
                 const store::Store& /*store*/, const base::Clock& /*clock*/,
                 base::Metrics& /*metrics*/)
    : impl_(std::make_unique<Impl>()) {
  impl_->is_asked_for = settings.file_source.enabled || settings.pipe_sources.stdin_enabled ||
                        settings.pipe_sources.socket_enabled;
}
Sources::~Sources() = default;
base::Result<void> Sources::start() {
  if (impl_->is_asked_for) {
    return base::Error{"no_source", "this build follows no files and reads no pipes", ""};
  }
  return {};
}
void Sources::stop(std::chrono::milliseconds /*deadline*/) {}

}  // namespace tiercel::app
