#pragma once

#include <string>

#include "tiercel/config/settings.h"

#include "doctor.h"
#include "doctor_manifest.h"

namespace tiercel::app {

/// The kubeconfig that kube-apiserver posts with: where it leads, what it trusts, what it shows,
/// and whether the port takes it. `manifest` may be null: then its paths are this host's.
void examine_kubeconfig(const std::string& path, const Manifest* manifest,
                        const config::Settings& settings, Findings& findings);

}  // namespace tiercel::app
