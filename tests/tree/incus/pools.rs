//! Storage pools: how each driver is asked for, and what a pool that is not there means.

use super::*;

#[test]
fn a_verified_pool_that_is_gone_is_never_made_again() {
    let wanted = wanted();
    let verified = marker(&wanted, &good(&wanted), None);
    let decision = decide(&wanted, &IncusFacts::default(), Some(&verified));
    assert!(decision.refused[0].to_string().contains("incus admin recover"));
}

/// The keys are those of `internal/server/storage/drivers/driver_*.go` of Incus 6.0.4; a directory is made for `dir` alone.
#[test]
fn a_pool_of_each_driver_is_asked_for_in_its_words() {
    for (driver, source) in [
        ("dir", "/persistent/data/pool"),
        ("zfs", "tank/incus"),
        ("btrfs", "/dev/disk/by-id/one"),
        ("lvm", "vg0"),
        ("lvm", "/dev/disk/by-id/one"),
    ] {
        let pool = format!("[incus.storage-pools.p]\ndriver = \"{driver}\"\nsource = \"{source}\"\n");
        let change = decide(&parse(&pool), &IncusFacts::default(), None)
            .changes
            .swap_remove(0);
        let Change::CreatePool { directory, body, .. } = change else {
            panic!("{change}")
        };
        let wanted = serde_json::json!({"name": "p", "driver": driver, "config": {"source": source}});
        assert_eq!(body, wanted);
        assert_eq!(directory.is_some(), driver == "dir", "{driver}");
    }
}

#[test]
fn a_pool_that_is_not_created_is_a_fault() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    facts.pools.get_mut("default").unwrap().status = "Unavailable".to_owned();
    let verified = marker(&wanted, &facts, None);
    assert_eq!(lines(&wanted, &facts, Some(&verified)), Vec::<String>::new());
    let fault = fault::pools(&wanted.view, &facts.pools).remove("default");
    assert_eq!(fault.as_deref(), Some("Incus reports it as Unavailable"));
    let fault = fault::pools(&wanted.view, &BTreeMap::new()).remove("default");
    assert_eq!(fault.as_deref(), Some("Incus reports it as missing"));
}

/// Incus overwrites the source of a pool on a device, and keeps what it was given beside it.
#[test]
fn a_pool_that_was_made_elsewhere_stays_there_and_both_places_are_named() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    let config = &mut facts.pools.get_mut("default").unwrap().config;
    let given = config.insert("source".to_owned(), "of-incus".to_owned()).unwrap();
    config.insert("volatile.initial_source".to_owned(), given);
    assert_eq!(lines(&wanted, &facts, None), Vec::<String>::new());
    let config = &mut facts.pools.get_mut("default").unwrap().config;
    config.remove("volatile.initial_source");
    let elsewhere = "E0610: imp.toml:9: storage pool 'default' was created at 'of-incus' and stays there, \
         not at '/persistent/data/pool'";
    assert_eq!(lines(&wanted, &facts, None), [elsewhere]);
    let verified = marker(&wanted, &facts, None);
    assert_eq!(
        verified.pools["default"], "of-incus",
        "what it is looked for by later"
    );
    facts.pools.get_mut("default").unwrap().config.clear();
    assert_eq!(lines(&wanted, &facts, None), Vec::<String>::new(), "told nothing");

    let before = Marker {
        pools: [("default", "/old"), ("gone", "/gone")]
            .map(|(name, at)| (name.to_owned(), at.to_owned()))
            .into(),
    };
    let after = marker(&wanted, &facts, Some(&before));
    assert_eq!(
        (after.pools["default"].as_str(), after.pools["gone"].as_str()),
        ("/persistent/data/pool", "/gone")
    );
}

#[test]
fn the_remains_of_a_half_created_pool_are_named_with_what_clears_them() {
    for (driver, source, words, command) in [
        (
            "zfs",
            "tank/incus",
            "Provided ZFS pool (or dataset) isn't empty, run",
            "zfs destroy -r tank/incus/$it",
        ),
        (
            "lvm",
            "/dev/sdb",
            "Volume group already exists, cannot use new physical device at",
            "'vgremove p'",
        ),
        (
            "lvm",
            "vg0",
            "Volume group \"vg0\" is already used by Incus",
            "'vgchange --deltag incus_pool vg0'",
        ),
        (
            "btrfs",
            "/dev/sdb",
            "ERROR: /dev/sdb appears to contain an existing filesystem (btrfs)",
            "'wipefs -a /dev/sdb'",
        ),
    ] {
        let pool = format!("[incus.storage-pools.p]\ndriver = \"{driver}\"\nsource = \"{source}\"\n");
        let change = decide(&parse(&pool), &IncusFacts::default(), None)
            .changes
            .swap_remove(0);
        let hint = leftover(&change, words).unwrap();
        assert!(hint.contains(command), "{hint}");
        assert_eq!(leftover(&change, "Required tool is missing"), None);
    }
    let change = decide(&wanted(), &IncusFacts::default(), None)
        .changes
        .swap_remove(0);
    assert_eq!(leftover(&change, "Source path isn't empty"), None, "a directory");
}
