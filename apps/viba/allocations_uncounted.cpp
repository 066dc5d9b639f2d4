// For builds whose sanitizer has an operator new of its own, which finds more than ours would let it.

#include "allocation_count.h"

std::uint64_t (*viba::app::allocation_counter())() { return nullptr; }
