#include "installed_config.h"

#include <unistd.h>

namespace tiercel::app {

CommonOptions with_installed_config(CommonOptions options) {
  if (!options.config && options.rules.empty() && ::access(kDefaultConfig, R_OK) == 0) {
    options.config = kDefaultConfig;
  }
  return options;
}

}  // namespace tiercel::app
