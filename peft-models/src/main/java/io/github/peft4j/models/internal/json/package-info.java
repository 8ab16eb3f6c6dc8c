/**
 * JSON as Python's {@code json} module reads and writes it, since every file here is one that Python wrote or will read.
 *
 * <p>Start with {@link io.github.peft4j.models.internal.json.JsonReader}, which takes a text apart piece by piece or builds plain values of it, within
 * {@link io.github.peft4j.models.internal.json.JsonLimits}, and {@link io.github.peft4j.models.internal.json.JsonWriter}, whose text is that of
 * {@code json.dumps} to the byte. Values are plain Java: null, {@code Boolean}, {@code Integer}, {@code Long}, {@code BigInteger},
 * {@code Double}, {@code String}, {@code List} and {@code Map} in the order of the text.
 *
 * <p>Not a library's, unlike most of what is general here. Jackson's streaming parser, tried beneath the reader in its version 2.23.0, refuses
 * a key with half of a surrogate pair, which Python reads, and has no switch for it. Its limits count characters and do not say where they
 * were passed, its problems are in its own words: checks, places and messages stay ours, so that it saves a tenth of this package. A text of
 * 32 MiB takes twice the memory, and the first small file ten times as long (50 ms) unless its classes come from an archive; large files with
 * many escapes are read twice as fast. Its writer has neither Python's form of floats nor sorted keys.
 */
@NullMarked
package io.github.peft4j.models.internal.json;

import org.jspecify.annotations.NullMarked;
