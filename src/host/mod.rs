//! Conversations with the machine. Nothing is decided here.

pub mod efi;
pub mod zfs;
