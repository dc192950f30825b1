#include "orrery/cli/application.hpp"

int main(int argc, char** argv) { return orrery::cli::run_application(argc, argv); }
