#include "orrery/python/bindings/interrupts.hpp"

#include <utility>

namespace orrery::python {

experiments::RunFunction Interrupts::watched(experiments::RunFunction run) {
  return [this, run = std::move(run)](const experiments::RunKey& key, const std::stop_token& stop) {
    const py::gil_scoped_acquire keep_state;
    const unsigned long thread = PyThread_get_thread_ident();
    const py::gil_scoped_release free;
    {
      const std::lock_guard guard(mutex_);
      threads_.insert(thread);
    }
    struct Leave {
      Interrupts& owner;
      unsigned long thread;
      ~Leave() {
        const std::lock_guard guard(owner.mutex_);
        owner.threads_.erase(thread);
      }
    };
    const Leave leave{*this, thread};
    return run(key, stop);
  };
}

void Interrupts::stop_threads() {
  const std::lock_guard guard(mutex_);
  for (const unsigned long thread : threads_) {
    PyThreadState_SetAsyncExc(thread, PyExc_KeyboardInterrupt);
  }
}

}  // namespace orrery::python
