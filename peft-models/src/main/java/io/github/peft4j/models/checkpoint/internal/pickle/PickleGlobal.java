package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.internal.StoredType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of the names a checkpoint's pickle may refer to. The name is looked up in a table; nothing is ever loaded or called by it.
 *
 * @param kind what calling it, or naming it, builds
 * @param name the full Python name, for messages
 * @param type the element type of a storage or dtype
 */
record PickleGlobal(Kind kind, String name, @Nullable StoredType type) {

    private static final Map<String, PickleGlobal> ALLOWED = new HashMap<>();

    enum Kind {
        ORDERED_DICT,
        SET,
        SIZE,
        TENSOR_V1,
        TENSOR_V2,
        TENSOR_V3,
        PARAMETER,
        STORAGE,
        DTYPE
    }

    static {
        allow(Kind.ORDERED_DICT, "collections", "OrderedDict");
        for (String builtins : new String[] {"__builtin__", "builtins"}) {
            allow(Kind.SET, builtins, "set");
            allow(Kind.SET, builtins, "frozenset");
        }
        allow(Kind.SIZE, "torch", "Size");
        allow(Kind.TENSOR_V1, "torch._utils", "_rebuild_tensor");
        allow(Kind.TENSOR_V2, "torch._utils", "_rebuild_tensor_v2");
        allow(Kind.TENSOR_V3, "torch._utils", "_rebuild_tensor_v3");
        allow(Kind.PARAMETER, "torch._utils", "_rebuild_parameter");
        allow(Kind.PARAMETER, "torch._utils", "_rebuild_parameter_with_state");
        for (String untyped : new String[] {"UntypedStorage", "_UntypedStorage", "TypedStorage", "_TypedStorage"}) {
            allow(Kind.STORAGE, "torch.storage", untyped);
        }
        type(StoredType.F64, "Double", "float64", "double");
        type(StoredType.F32, "Float", "float32", "float");
        type(StoredType.F16, "Half", "float16", "half");
        type(StoredType.BF16, "BFloat16", "bfloat16");
        type(StoredType.I64, "Long", "int64", "long");
        type(StoredType.I32, "Int", "int32", "int");
        type(StoredType.I16, "Short", "int16", "short");
        type(StoredType.I8, "Char", "int8");
        type(StoredType.U8, "Byte", "uint8");
        type(StoredType.BOOL, "Bool", "bool");
        type(StoredType.C64, "ComplexFloat", "complex64", "cfloat");
        dtypes(StoredType.U16, "uint16");
        dtypes(StoredType.U32, "uint32");
        dtypes(StoredType.U64, "uint64");
        dtypes(StoredType.F8_E4M3, "float8_e4m3fn");
        dtypes(StoredType.F8_E5M2, "float8_e5m2");
        dtypes(StoredType.F8_E8M0, "float8_e8m0fnu");
    }

    static Optional<PickleGlobal> find(String module, String name) {
        return Optional.ofNullable(ALLOWED.get(module + "." + name));
    }

    private static void type(StoredType type, String storage, String... dtypes) {
        allow(new PickleGlobal(Kind.STORAGE, "torch." + storage + "Storage", type));
        dtypes(type, dtypes);
    }

    private static void dtypes(StoredType type, String... names) {
        for (String name : names) {
            allow(new PickleGlobal(Kind.DTYPE, "torch." + name, type));
        }
    }

    private static void allow(Kind kind, String module, String name) {
        allow(new PickleGlobal(kind, module + "." + name, null));
    }

    private static void allow(PickleGlobal global) {
        ALLOWED.put(global.name(), global);
    }
}
