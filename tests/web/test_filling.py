from threading import Thread

from web import filling


def test_threads_that_index_at_once_encode_each_text_once(library, make_record) -> None:
    for number in range(6):
        make_record(title=f"Story {number} of one who waits")
    encoder, seen = library.encoder, []
    encode = encoder.encode

    def noting(texts, *, progress=None):
        seen.extend(texts)
        return encode(texts, progress=progress)

    encoder.encode = noting
    threads = [
        Thread(target=filling.index, args=(library,), kwargs={"step": filling.quietly})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) > 5
