package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.TensorData;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of torch.save since 1.6: a zip with {@code data.pkl} and one entry per storage, in a folder of any name.
 *
 * @param folder its name, with the slash
 */
record TorchZip(MappedFile file, ZipArchive zip, String folder) {

    private static final String PICKLE = "/data.pkl";

    static Map<String, TensorData> read(MappedFile file) throws CheckpointException {
        ZipArchive zip = ZipArchive.read(file);
        List<String> pickles = zip.entries().keySet().stream()
                .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length())
                .toList();
        if (pickles.size() != 1) {
            throw new CheckpointException(
                    file.path() + " is a zip file but not a PyTorch checkpoint: expected one entry"
                            + " data.pkl in a folder, found " + pickles.size());
        }
        String pickle = pickles.get(0);
        TorchZip torch = new TorchZip(file, zip, pickle.substring(0, pickle.length() - PICKLE.length() + 1));
        return torch.tensors();
    }

    private Map<String, TensorData> tensors() throws CheckpointException {
        if (zip.entries().containsKey(folder + "constants.pkl")) {
            throw new CheckpointException(file.path()
                    + " is a TorchScript program, which is never run; expected a checkpoint written by torch.save");
        }
        requireLittleEndian();
        ByteBuffer pickle = ByteBuffer.wrap(small("data.pkl", PickleInput.MAX_BYTES));
        Object root = new Unpickler(new PickleInput(file.path(), pickle)).load();
        return StateDict.read(file, root, this::offset);
    }

    private long offset(StorageReference storage) throws CheckpointException {
        ZipArchive.@Nullable Entry entry = zip.entries().get(folder + "data/" + storage.key());
        if (entry == null) {
            throw new CheckpointException(
                    file.path() + ": the storage " + Printable.quoted(storage.key()) + " is missing from the archive");
        }
        long start = zip.dataStart(entry);
        if (entry.size() < storage.byteSize()) {
            throw new CheckpointException(file.path() + ": the storage " + Printable.quoted(storage.key())
                    + " is too short: expected " + storage.byteSize() + " bytes, found " + entry.size());
        }
        return start;
    }

    private void requireLittleEndian() throws CheckpointException {
        if (zip.entries().containsKey(folder + "byteorder")) {
            String order = new String(small("byteorder", 16), StandardCharsets.UTF_8).strip();
            if (!order.equals("little")) {
                throw new CheckpointException(
                        file.path() + ": expected the byte order little, found " + Printable.quoted(order));
            }
        }
    }

    private byte[] small(String name, int limit) throws CheckpointException {
        ZipArchive.@Nullable Entry entry = zip.entries().get(folder + name);
        if (entry == null || entry.size() > limit) {
            throw new CheckpointException(file.path() + ": expected an entry " + name + " of at most " + limit
                    + " bytes, found " + (entry == null ? "none" : entry.size()));
        }
        return file.read(zip.dataStart(entry), (int) entry.size());
    }
}
