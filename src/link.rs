//! How the programs are linked.

fn main() {
    println!("cargo::rerun-if-changed=src/link.rs");
    // Relocations packed, a twentieth of a program's size otherwise. Needs glibc 2.36, which the package requires.
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
