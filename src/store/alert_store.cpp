#include "tiercel/store/alert_store.h"

namespace tiercel::store {

AlertStore::~AlertStore() = default;

}  // namespace tiercel::store
