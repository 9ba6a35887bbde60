"""Names that tell nothing: too many things have them, or the language itself does."""

from __future__ import annotations

# Methods that every second class has. A call of one says little about which.
COMMON = frozenset(
    """
    add append apply assert assign build call check clear clone close commit connect copy count
    create default delete describe destroy dispatch drop each emit equal error execute exit expect
    extend fetch filter find finish flush format from from_str generate get handle has hash index
    info init insert into is_empty items iter join json keys len list load log main make map match
    merge name new next notify on open parse pop post process push put query read register reload
    remove render replace request reset resolve response run save search send serialize set setup
    setUp show size sort split start status stop string submit tearDown test then to_string
    toString trigger type unwrap update url use valid validate value values wait warn with write
    """.split()
)

# What is there without being imported, so that an import of it may go.
GIVEN = frozenset(
    """
    AbortController Array Blob Boolean Buffer Date Error Event EventTarget File FormData Headers Map
    Math Number Object Promise Proxy Reflect RegExp Request Response Set String Symbol TextDecoder
    TextEncoder URL URLSearchParams WeakMap WeakSet clearImmediate clearInterval clearTimeout
    console crypto exports fetch global globalThis module performance process queueMicrotask
    require setImmediate setInterval setTimeout structuredClone
    AsRef Box Clone Copy Debug Default Drop Eq FnOnce From FromIterator Hash Into IntoIterator
    Iterator Option Ord PartialEq PartialOrd Result Send Sync ToOwned ToString TryFrom TryInto Vec
    core std
    """.split()
)
