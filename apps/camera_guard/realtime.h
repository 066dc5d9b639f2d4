#pragma once

/// Has this thread run before all others as soon as it has something to do, as far as the user is allowed that: by a
/// limit of his own or by RealtimeKit (https://gitlab.freedesktop.org/pipewire/rtkit). Takes a second at most.
/// Whether it does now.
bool become_realtime();
