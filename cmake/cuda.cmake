target_sources(kindred PRIVATE host/backend/cuda/absent.cpp)
