//! What `imp-boot` does at boot.
