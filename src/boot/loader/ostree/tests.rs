//! What the store says in each of its states, and when arming is refused.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::boot::trial::classify::{Class, classify};
use crate::boot::trial::ledger::{Ledger, Pair};
use crate::types::BootId;

fn deployment(letter: &str) -> Deployment {
    Deployment::new("imp", &letter.repeat(64), 0).unwrap()
}

fn name(letter: &str) -> ImageName {
    deployment(letter).name
}

/// A menu in a word, the one that runs in capitals: `cG` is the candidate on top of the image that runs.
fn store(menu: &str, staged: Option<&str>, found: Found) -> Store {
    let one = |letter: char| Deployment {
        booted: letter.is_ascii_uppercase(),
        ..deployment(&letter.to_ascii_lowercase().to_string())
    };
    Store {
        menu: menu.chars().map(one).collect(),
        staged: staged.map(|letter| Deployment {
            staged: true,
            ..deployment(letter)
        }),
        found,
    }
}

fn token(state: TokenState, stood: bool) -> Found {
    Found::Token(GrubToken {
        state,
        attempt: Attempt {
            trial: "0a1b2c3d4e5f".parse().unwrap(),
            image: name("c"),
        },
        from: name("a"),
        stood,
    })
}

/// The class of a boot in which nothing but the loader's store is known.
fn class(menu: &str, found: Found) -> Class {
    let boot: BootId = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9".parse().unwrap();
    let loader = store(menu, None, found).loader().unwrap();
    classify(&loader, &Ledger::default(), &boot)
}

#[test]
fn every_state_of_the_store_has_its_class() {
    for (menu, found, expected) in [
        ("A", Found::Nothing, Class::Steady),
        ("cA", token(TokenState::Spent, false), Class::FailedEarly),
        ("Ca", token(TokenState::Spent, false), Class::Trial),
        // The way back was cut after the candidate had gone.
        ("A", token(TokenState::Spent, true), Class::FailedEarly),
        // Power went before shutdown had put the candidate on top; GRUB spent the token on what runs.
        ("A", token(TokenState::Spent, false), Class::NotAttempted),
        ("A", token(TokenState::Armed, false), Class::NotAttempted),
        ("cA", token(TokenState::Armed, false), Class::NotAttempted),
        // GRUB started the top entry without our lines.
        ("Ca", token(TokenState::Armed, false), Class::Manual),
        // Blessed, and power went before the file was removed.
        ("Ca", token(TokenState::Blessed, false), Class::BlessedUnrecorded),
        // The candidate is gone, and a third deployment runs: GRUB goes by the top again, and the boot after this one closes it.
        ("aO", token(TokenState::Spent, true), Class::Manual),
        ("aO", token(TokenState::Blessed, true), Class::Manual),
        ("Ao", token(TokenState::Blessed, true), Class::FailedEarly),
        ("Ao", token(TokenState::Blessed, false), Class::NotAttempted),
        // Something else was put on top after arming.
        ("Da", token(TokenState::Spent, false), Class::Manual),
        ("cA", Found::Torn, Class::Steady),
        ("Ca", Found::Torn, Class::Manual),
        ("A", Found::Torn, Class::Steady),
        ("aB", Found::Nothing, Class::Manual),
    ] {
        assert_eq!(class(menu, found.clone()), expected, "{menu} {found:?}");
    }
}

#[test]
fn only_a_staged_deployment_on_top_of_what_is_known_to_be_good_is_armed() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    let ostree = Ostree {
        root: root.clone(),
        sysroot: Sysroot::of(&root),
    };
    std::fs::create_dir_all(dir.path().join("persistent/data")).unwrap();
    let mut ledger = Ledger::default();
    ledger.add_good(Pair {
        image: name("b"),
        config: None,
    });
    let _ = ledger::write(&root, &ledger).unwrap();
    let refused = |menu: &str, staged: Option<&str>| {
        let store = store(menu, staged, Found::Nothing);
        let error = ostree.may_be_armed(&store, &name("c")).unwrap_err();
        error.to_string()
    };
    let armed = store("Ab", Some("c"), Found::Nothing);
    assert_eq!(ostree.may_be_armed(&armed, &name("c")).unwrap(), name("a"));
    assert!(refused("Ac", None).contains("is not staged"));
    assert!(refused("A", Some("d")).contains("is not staged"));
    assert!(refused("bA", Some("c")).contains("not on top"));
    assert!(refused("Abd", Some("c")).contains("was never healthy"));
}
