package io.github.peft4j.models.checkpoint.internal.pickle;

import java.util.Map;

/** The opcodes of a pickle that are known and never carried out, by the name Python gives them. */
final class PickleOpcodes {

    static final Map<Integer, String> REFUSED = Map.ofEntries(
            Map.entry((int) 'i', "INST"),
            Map.entry((int) 'o', "OBJ"),
            Map.entry((int) 'P', "PERSID"),
            Map.entry((int) 'B', "BINBYTES"),
            Map.entry((int) 'C', "SHORT_BINBYTES"),
            Map.entry(0x81, "NEWOBJ"),
            Map.entry(0x82, "EXT1"),
            Map.entry(0x83, "EXT2"),
            Map.entry(0x84, "EXT4"),
            Map.entry(0x8e, "BINBYTES8"),
            Map.entry(0x92, "NEWOBJ_EX"),
            Map.entry(0x96, "BYTEARRAY8"),
            Map.entry(0x97, "NEXT_BUFFER"),
            Map.entry(0x98, "READONLY_BUFFER"));

    private PickleOpcodes() {}
}
