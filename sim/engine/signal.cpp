#include "orrery/sim/engine/signal.hpp"

namespace orrery::sim {

SignalWait::~SignalWait() {
  if (engine_ == nullptr) return;
  engine_->cancel(wake_up_);
  if (signal_ != nullptr) signal_->unlink(*this);
}

void SignalWait::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  engine_ = &signal_->engine_;
  signal_->link(*this);
  if (patience_) wake_up_ = engine_->schedule_resumption(*patience_, waiting);
}

bool SignalWait::await_resume() {
  if (engine_ != nullptr && signal_ != nullptr) signal_->unlink(*this);
  engine_ = nullptr;
  return is_ready_ || has_come_;
}

Signal::~Signal() {
  while (first_ != nullptr) unlink(*first_);
}

bool Signal::notify_one() {
  if (first_ == nullptr) return false;
  SignalWait& wait = *first_;
  unlink(wait);
  wait.has_come_ = true;
  engine_.cancel(wait.wake_up_);
  wait.wake_up_ = engine_.schedule_resumption(Duration::zero(), wait.waiting_);
  return true;
}

void Signal::notify_all() {
  while (notify_one()) {
  }
}

void Signal::link(SignalWait& wait) {
  wait.previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &wait;
  last_ = &wait;
  ++waiting_count_;
}

void Signal::unlink(SignalWait& wait) {
  (wait.previous_ != nullptr ? wait.previous_->next_ : first_) = wait.next_;
  (wait.next_ != nullptr ? wait.next_->previous_ : last_) = wait.previous_;
  wait.signal_ = nullptr;
  --waiting_count_;
}

}  // namespace orrery::sim
