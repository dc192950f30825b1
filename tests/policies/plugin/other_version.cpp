// A plug-in of some other version of Orrery.
extern "C" const char orrery_policy_abi[];
extern "C" const char orrery_policy_abi[] = "orrery 0.0.1, some compiler";
extern "C" void orrery_register_policies(void*);
extern "C" void orrery_register_policies(void*) {}
