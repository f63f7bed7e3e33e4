//! ostree hosts: the real `ostree` on a sysroot of its own, and our lines in the real GRUB.

mod grub;
mod sysroot;
