// A shared library that registers nothing.
extern "C" int answer();
extern "C" int answer() { return 42; }
