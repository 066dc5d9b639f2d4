#include <viba/options.h>
int main() { return viba::option_table().empty() ? 1 : 0; }
