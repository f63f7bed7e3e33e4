//! Conversations with the machine: files, processes, the kernel, systemd, VPP, Incus. Nothing here decides anything.

pub mod address;
pub mod bus;
mod child;
pub mod clock;
pub mod cmdline;
pub mod efi;
pub mod file;
pub mod incus;
pub mod json;
pub mod limit;
pub mod lock;
pub mod namespace;
pub mod netlink;
pub mod notify;
pub mod paths;
pub mod pid;
mod pipe;
pub mod pipeline;
pub mod privilege;
pub mod process;
pub mod ssh;
pub mod stat;
pub mod sysctl;
pub mod vpp;
pub mod vtysh;
pub mod wait;
pub mod zfs;
