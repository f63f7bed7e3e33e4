//! Tests in throw-away user, network and mount namespaces: no root, no machine of their own.

mod identity;
mod namespace;
mod nic;
mod runtime_codes;
mod sandbox;
mod vpp;
mod zbm_hook;
