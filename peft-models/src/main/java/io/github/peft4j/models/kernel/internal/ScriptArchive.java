package io.github.peft4j.models.kernel.internal;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import io.github.peft4j.models.internal.output.TemporaryFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * TorchScript source turned into a loaded module, without Python: the archive is a zip of the source, a pickle of one object and a
 * version number, written in memory.
 */
public final class ScriptArchive {

    private static final String HEADER =
            "class %s(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n";
    /** Operator version: 10 means today's signatures. */
    private static final byte[] VERSION = {'1', '0', '\n'};

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private ScriptArchive() {}

    /** The text of a resource beside {@code owner}. */
    public static String source(Class<?> owner, String resource) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no kernel source " + resource + " beside " + owner.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Compiles methods of a class.
     *
     * @param className the class that the methods name as the type of {@code self}
     * @throws EngineException if the source does not compile, or names an operator that this platform lacks
     * @throws IllegalArgumentException if the class name is not a plain identifier
     */
    public static PtSymbolBlock load(PtNDManager manager, String className, String methods) {
        if (!IDENTIFIER.matcher(className).matches()) {
            throw new IllegalArgumentException(
                    "a kernel class is named by letters, digits and underscores, got \"" + className + "\"");
        }
        byte[] archive = write(className, String.format(Locale.ROOT, HEADER, className) + methods);
        try {
            // From a file: loading from a stream freezes the module and drops every method but forward.
            try (TemporaryFile file = TemporaryFile.ofOwner(Temporary.FOLDER, "kernels.pt")) {
                file.write(archive);
                return JniUtils.loadModule(manager, file.path(), true, new String[0], new String[0], true);
            }
        } catch (EngineException e) {
            throw new EngineException("kernels " + className + " do not compile: " + EngineMessages.brief(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "kernels " + className + " cannot be written to " + Temporary.FOLDER
                            + ", where they lie while they are" + " loaded: " + e.getMessage(),
                    e);
        }
    }

    /** Where archives lie while they are loaded; cleared once of those of processes that died meanwhile. */
    private static final class Temporary {
        private static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));

        static {
            TemporaryFile.sweep(FOLDER);
        }
    }

    private static byte[] write(String className, String source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "ops/data.pkl", objectPickle(className));
            put(zip, "ops/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "ops/constants.pkl", EMPTY_TUPLE);
            put(zip, "ops/version", VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }

    /** Protocol 2: an object of the class with one attribute, {@code training = True}. */
    private static byte[] objectPickle(String className) {
        String body = "\u0080\u0002c__torch__\n" + className + "\n)\u0081}X\u0008\u0000\u0000\u0000training\u0088sb.";
        return body.getBytes(StandardCharsets.ISO_8859_1);
    }
}
